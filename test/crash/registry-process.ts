// node registry-process.ts DIRECTORY [SUBJECT MOMENT]: a registry over a state directory, which writes its origin to
// standard output and lives until it is killed.
import { startRegistryServer } from "../fixtures/registry-server.ts";
import { dyingContent, type Moment, type Subject } from "./dying-content.ts";

const [directory = "", subject, moment] = process.argv.slice(2) as [string?, Subject?, Moment?];
const server = await startRegistryServer({
  directory,
  wrapContent: (content) =>
    subject === undefined || moment === undefined ? content : dyingContent(content, subject, moment),
});
console.log(server.origin);

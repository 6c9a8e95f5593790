import type { CollectionPlace } from "../build-job.ts";
import type { PlacedJob } from "../judge/repository.ts";
import type { TextEdit } from "../text-edit.ts";
import { passwordVariable, userVariable } from "./login-command.ts";

const secretId = "DockerHubLogin";
const parameters = { userName: "DockerHubUserName", password: "DockerHubPassword" };

export interface TemplateLoginOptions {
  /** Of a secret that is there already, with the keys `username` and `password`; otherwise the template gets one. */
  secretName?: string;
  /** False where another project of the template has it made. */
  makesSecret: boolean;
}

/**
 * A secret with its two parameters, the right of the project's role to read it, and the two variables that CodeBuild fills
 * from it. In YAML's block style; otherwise the reason why not.
 */
export function templateLogin({ file, job }: PlacedJob, options: TemplateLoginOptions): TextEdit[] | string {
  const { places, role } = job.codeBuild ?? {};
  if (places === undefined)
    return "no template of this directory has its project: add the secret and the right to read it there";
  if (places.format !== "yaml")
    return "its template is JSON: add the secret, the right to read it and the variables by hand";
  const statements = role?.places?.statements;
  if (role === undefined || statements === undefined) {
    return "its role's statements are no list in the template: allow secretsmanager:GetSecretValue on the secret there";
  }
  const { environment, environmentVariables: variables } = places;
  if (environment === undefined) return "the project has no Environment that variables could be added to";
  const blocks = [statements, environment, ...(variables === undefined ? [] : [variables])];
  if (blocks.some(({ isFlow }) => isFlow)) return "its template writes lists and maps in braces: add the lines by hand";
  if (
    /^[ ]+DockerHub(?:Login|UserName|Password):/m.test(file.text) &&
    options.makesSecret &&
    options.secretName === undefined
  ) {
    return `its template has a ${secretId}, or its parameters, already`;
  }
  const secret = options.secretName === undefined ? ownSecret : existingSecret(options.secretName);
  const declared = options.secretName === undefined && options.makesSecret ? declareSecret(file.text) : [];
  if (typeof declared === "string") return declared;
  const newLine = file.text.includes("\r\n") ? "\r\n" : "\n";
  const withLines = (edit: TextEdit) => ({ ...edit, text: edit.text.replaceAll("\n", newLine) });
  return [
    ...declared,
    appendItem(statements, secret.statement),
    addVariables(environment, variables, secret.reference),
  ].map(withLines);
}

interface SecretText {
  /** Before `:username`. */
  reference: string;
  statement: string[];
}

const ownSecret: SecretText = {
  reference: `\${${secretId}}`,
  statement: ["Effect: Allow", "Action: secretsmanager:GetSecretValue", `Resource: !Ref ${secretId}`],
};

/** The six question marks stand for what AWS adds to a secret's name in its ARN. */
function existingSecret(name: string): SecretText {
  const arn = `arn:\${AWS::Partition}:secretsmanager:\${AWS::Region}:\${AWS::AccountId}:secret:${name}-??????`;
  return {
    reference: name,
    statement: ["Effect: Allow", "Action: secretsmanager:GetSecretValue", `Resource: !Sub ${arn}`],
  };
}

function declareSecret(text: string): TextEdit[] | string {
  const resources = /^Resources:[ \t]*(?:#.*)?\r?\n/m.exec(text);
  if (resources === null) return "its Resources are not in YAML's block style: add the secret by hand";
  const afterResources = resources.index + resources[0].length;
  const [, step = "  "] = /^(?:[ \t]*(?:#.*)?\r?\n)*([ ]+)\S/.exec(text.slice(afterResources)) ?? [];
  const indent = (lines: readonly string[]) =>
    lines.map((line) => line.replace(/^(?: {2})+/, (blanks) => step.repeat(blanks.length / 2)));
  const declared = indent([
    `  ${parameters.userName}:`,
    "    Type: String",
    "    NoEcho: true",
    `  ${parameters.password}:`,
    "    Type: String",
    "    NoEcho: true",
  ]);
  const secret = indent([
    `  ${secretId}:`,
    "    Type: AWS::SecretsManager::Secret",
    "    Properties:",
    `      SecretString: !Sub '{"username":"\${${parameters.userName}}","password":"\${${parameters.password}}"}'`,
  ]);
  const known = /^Parameters:[ \t]*(?:#.*)?\r?\n/m.exec(text);
  const parametersEdit =
    known === null
      ? insertAt(resources.index, `${["Parameters:", ...declared, ""].join("\n")}\n`)
      : insertAt(known.index + known[0].length, `${declared.join("\n")}\n`);
  return [parametersEdit, insertAt(afterResources, `${secret.join("\n")}\n\n`)];
}

function addVariables(
  environment: CollectionPlace,
  variables: CollectionPlace | undefined,
  reference: string,
): TextEdit {
  const item = (name: string, key: string) => [
    `Name: ${name}`,
    "Type: SECRETS_MANAGER",
    `Value: ${quoteReference(`${reference}:${key}`)}`,
  ];
  const items = [item(userVariable, "username"), item(passwordVariable, "password")];
  if (variables !== undefined) {
    const texts = items.map((lines) => appendItem(variables, lines).text);
    return insertAt(variables.range.end, texts.join(""));
  }
  const indentation = " ".repeat(environment.column);
  const list: CollectionPlace = { ...environment, column: environment.column + 2 };
  const texts = items.map((lines) => appendItem(list, lines).text);
  return insertAt(environment.range.end, `\n${indentation}EnvironmentVariables:${texts.join("")}`);
}

function quoteReference(text: string): string {
  return text.includes("${") ? `!Sub ${text}` : text;
}

/** Behind the list's last item. */
function appendItem({ column, range }: CollectionPlace, [first = "", ...rest]: readonly string[]): TextEdit {
  const indentation = " ".repeat(column);
  return insertAt(
    range.end,
    ["", `${indentation}- ${first}`, ...rest.map((line) => `${indentation}  ${line}`)].join("\n"),
  );
}

function insertAt(at: number, text: string): TextEdit {
  return { range: { start: at, end: at }, text };
}

import type { BuildJob } from "../../build-job.ts";
import { splitArguments } from "../build-arguments.ts";
import { findText } from "./evaluate-text.ts";
import type { TemplateDocument, TemplateResource } from "./template-document.ts";

/**
 * `sam build` makes the image of a function that says how in its metadata.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-using-build.html#build-container-image
 */
export function findSamImageBuild(
  template: TemplateDocument,
  { type, body, logicalId, range }: TemplateResource,
): BuildJob | undefined {
  const { find } = template.yaml;
  if (type !== "AWS::Serverless::Function" && type !== "AWS::Lambda::Function") return undefined;
  const constant = (key: string) => {
    const value = findText(template, find(body, "Metadata", key));
    return value?.isConstant ? value.text.text : undefined;
  };
  const context = constant("DockerContext");
  if (context === undefined) return undefined;
  const name = constant("Dockerfile") ?? "Dockerfile";
  const target = constant("DockerBuildTarget");
  const given = template.yaml.entriesOf(find(body, "Metadata", "DockerBuildArgs")).map(({ key, value }) => {
    const text = findText(template, value);
    return [key, text?.isConstant ? text.text.text : undefined] as const;
  });
  return {
    runner: "script",
    name: logicalId,
    range,
    runnerImages: [],
    steps: [
      {
        kind: "build",
        range,
        tool: "docker",
        context,
        dockerfile: `${context.replace(/\/$/, "")}/${name}`,
        ...(target !== undefined && { target }),
        ...splitArguments(given),
      },
    ],
  };
}

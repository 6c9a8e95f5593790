import type { BuildJob } from "../../build-job.ts";
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
  const buildArguments = template.yaml
    .entriesOf(find(body, "Metadata", "DockerBuildArgs"))
    .flatMap(({ key, value }) => {
      const text = findText(template, value);
      return text?.isConstant ? [[key, text.text.text] as const] : [];
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
        buildArguments: Object.fromEntries(buildArguments),
      },
    ],
  };
}

import type { PlacedJob } from "../judge/repository.ts";
import type { TextEdit } from "../text-edit.ts";
import { passwordVariable, userVariable } from "./login-command.ts";
import { addToTemplate, type TemplateAdditions } from "./template-additions.ts";
import type { TemplateValue } from "./template-value.ts";

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
 * from it; otherwise the reason why not.
 */
export function templateLogin(
  placed: PlacedJob,
  { secretName, makesSecret }: TemplateLoginOptions,
): TextEdit[] | string {
  const declared = secretName === undefined && makesSecret ? ownSecret : { parameters: [], resources: [] };
  const edits = addToTemplate(placed, {
    ...declared,
    statements: [{ Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: secretArn(secretName) }],
    variables: [
      secretVariable(userVariable, secretName, "username"),
      secretVariable(passwordVariable, secretName, "password"),
    ],
  });
  return typeof edits === "string" ? `${edits}: add the secret, the right to read it and the variables by hand` : edits;
}

export function hiddenParameter(): { readonly [key: string]: TemplateValue } {
  return { Type: "String", NoEcho: true };
}

const ownSecret: Pick<TemplateAdditions, "parameters" | "resources"> = {
  parameters: [
    [parameters.userName, hiddenParameter()],
    [parameters.password, hiddenParameter()],
  ],
  resources: [
    [
      secretId,
      {
        Type: "AWS::SecretsManager::Secret",
        Properties: {
          SecretString: {
            "Fn::Sub": `{"username":"\${${parameters.userName}}","password":"\${${parameters.password}}"}`,
          },
        },
      },
    ],
  ],
};

/** The six question marks stand for what AWS adds to a secret's name in its ARN. */
function secretArn(secretName: string | undefined): TemplateValue {
  if (secretName === undefined) return { Ref: secretId };
  const arn = `arn:\${AWS::Partition}:secretsmanager:\${AWS::Region}:\${AWS::AccountId}:secret:${secretName}-??????`;
  return { "Fn::Sub": arn };
}

function secretVariable(name: string, secretName: string | undefined, key: string) {
  const Value = secretName === undefined ? { "Fn::Sub": `\${${secretId}}:${key}` } : `${secretName}:${key}`;
  return { Name: name, Type: "SECRETS_MANAGER", Value };
}

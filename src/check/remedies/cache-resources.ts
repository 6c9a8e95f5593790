import type { BuildRole } from "../build-job.ts";
import type { PlacedJob, Repository } from "../judge/repository.ts";
import type { TextEdit } from "../text-edit.ts";
import { hubVariable } from "./cache-references.ts";
import { addToTemplate, type TemplateAdditions } from "./template-additions.ts";
import { hiddenParameter } from "./template-login.ts";
import { formatBlockEntry, formatBlockItem, type TemplateValue } from "./template-value.ts";

/** The prefix that the console proposes. */
const usualPrefix = "docker-hub";
const secretId = "DockerHubCacheSecret";
const ruleId = "DockerHubCache";
const parameters = { userName: "DockerHubCacheUserName", accessToken: "DockerHubCacheAccessToken" };

/** What stands between the registry and the name of an image in the cache. */
export function pathBelow(prefix: string = usualPrefix): string {
  return prefix === "ROOT" ? "" : `/${prefix.replace(/\/$/, "")}`;
}

export interface CacheOptions {
  /** ARN of a secret that is there already; otherwise the template gets one. */
  secretArn?: string | undefined;
  /** Of the account's rule, where a template has it. */
  prefix: string | undefined;
}

/** The prefix of the rule for Docker Hub that a template of the directory makes: an account has room for one of a prefix. */
export function findCachePrefix({ files }: Repository): string | undefined {
  const rules = files.flatMap(({ extraction }) => extraction.pullThroughCaches ?? []);
  return rules.find(({ isDockerHub }) => isDockerHub)?.prefix;
}

/**
 * The rule with its secret, what the project's role must be allowed to pull through it, and the variable with its address;
 * otherwise the reason why not.
 */
export function addCache(placed: PlacedJob, { secretArn, prefix }: CacheOptions): TextEdit[] | string {
  const { role, variables = {} } = placed.job.codeBuild ?? {};
  const known = Object.hasOwn(variables, hubVariable) ? variables[hubVariable] : undefined;
  if (known !== undefined && !known.includes(".dkr.ecr.")) return `its project has a ${hubVariable} of another meaning`;
  const declared = prefix === undefined ? declareCache(secretArn) : { parameters: [], resources: [] };
  const path = pathBelow(prefix);
  return addToTemplate(placed, {
    ...declared,
    statements: role === undefined ? [] : statementsFor(role, path),
    variables: known !== undefined ? [] : [{ Name: hubVariable, Value: { "Fn::Sub": addressOf(path) } }],
  });
}

function declareCache(secretArn: string | undefined): Pick<TemplateAdditions, "parameters" | "resources"> {
  const rule = (credentialArn: TemplateValue): TemplateValue => ({
    Type: "AWS::ECR::PullThroughCacheRule",
    Properties: {
      EcrRepositoryPrefix: usualPrefix,
      UpstreamRegistry: "docker-hub",
      UpstreamRegistryUrl: "registry-1.docker.io",
      CredentialArn: credentialArn,
    },
  });
  if (secretArn !== undefined) return { parameters: [], resources: [[ruleId, rule(secretArn)]] };
  const secret: TemplateValue = {
    Type: "AWS::SecretsManager::Secret",
    Properties: {
      // ECR reads secrets under this name alone, and these two keys.
      Name: "ecr-pullthroughcache/docker-hub",
      SecretString: {
        "Fn::Sub": `{"username":"\${${parameters.userName}}","accessToken":"\${${parameters.accessToken}}"}`,
      },
    },
  };
  return {
    parameters: [
      [parameters.userName, hiddenParameter()],
      [parameters.accessToken, hiddenParameter()],
    ],
    resources: [
      [secretId, secret],
      [ruleId, rule({ Ref: secretId })],
    ],
  };
}

/** The first two let ECR take an image in, the others are those of any pull. */
const pullActions = [
  "ecr:BatchImportUpstreamImage",
  "ecr:CreateRepository",
  "ecr:BatchGetImage",
  "ecr:GetDownloadUrlForLayer",
  "ecr:BatchCheckLayerAvailability",
];

const loginAction = "ecr:GetAuthorizationToken";

function repositoriesBelow(path: string): string {
  return `arn:\${AWS::Partition}:ecr:\${AWS::Region}:\${AWS::AccountId}:repository${path}/*`;
}

export function addressOf(path: string): string {
  return `\${AWS::AccountId}.dkr.ecr.\${AWS::Region}.\${AWS::URLSuffix}${path}`;
}

function statementsFor(role: BuildRole, path: string): TemplateAdditions["statements"] {
  const repositories = repositoriesBelow(path);
  const missing = pullActions.filter((action) => !isAllowed(role, action, repositories));
  const login = isAllowed(role, loginAction, "*");
  return [
    ...(missing.length > 0 ? [{ Effect: "Allow", Action: missing, Resource: { "Fn::Sub": repositories } }] : []),
    // It knows no resources.
    ...(login ? [] : [{ Effect: "Allow", Action: loginAction, Resource: "*" }]),
  ];
}

function isAllowed({ statements }: BuildRole, action: string, resource: string): boolean {
  return statements.some(({ effect, actions, resources, isConditional }) => {
    if (effect !== "Allow" || isConditional === true) return false;
    const hasAction = actions.some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase()));
    return hasAction && resources.some((one) => one === "*" || one === resource);
  });
}

function matches(pattern: string, text: string): boolean {
  return pattern === text || (pattern.endsWith("*") && text.startsWith(pattern.slice(0, -1)));
}

/** For a person whose template is not here: what it needs, as YAML has it. */
export function cacheLines(): string {
  const { parameters: declared, resources } = declareCache(undefined);
  const statement = {
    Effect: "Allow",
    Action: pullActions,
    Resource: { "Fn::Sub": repositoriesBelow(pathBelow()) },
  };
  const variable = { Name: hubVariable, Value: { "Fn::Sub": addressOf(pathBelow()) } };
  return [
    "# below Parameters",
    ...declared.map((entry) => formatBlockEntry(entry, "", "  ")),
    "# below Resources",
    ...resources.map((entry) => formatBlockEntry(entry, "", "  ")),
    "# for the role of the build",
    ...[statement, { Effect: "Allow", Action: loginAction, Resource: "*" }].map((one) =>
      formatBlockItem(one, "", "  "),
    ),
    "# for its environment",
    formatBlockItem(variable, "", "  "),
  ].join("\n");
}

/** The same for CDK. */
export const cacheLinesForCdk = `new ecr.CfnPullThroughCacheRule(this, "${ruleId}", {
  ecrRepositoryPrefix: "${usualPrefix}",
  upstreamRegistry: "docker-hub",
  upstreamRegistryUrl: "registry-1.docker.io",
  credentialArn, // of a secret ecr-pullthroughcache/… with username and accessToken
});`;

import type { JobRunner } from "../build-job.ts";
import { loginCommand, passwordVariable, userVariable } from "./login-command.ts";

/** How a login is written in a CI's own file, with secrets that the CI keeps: where it goes, and the lines. */
export interface ServiceLogin {
  message: string;
  snippet: string;
}

/** A job's login before its first pull. CodeBuild's is written by the remedy itself. */
export function loginOfJob(runner: Exclude<JobRunner, "codebuild">): ServiceLogin {
  const hidden = `with ${userVariable} and ${passwordVariable}`;
  switch (runner) {
    case "github-actions":
      return {
        message: "add this step before its first pull, with two secrets of the repository or the organization",
        snippet: lines(
          "- uses: docker/login-action@v3",
          "  with:",
          `    username: \${{ secrets.${userVariable} }}`,
          `    password: \${{ secrets.${passwordVariable} }}`,
        ),
      };
    case "gitlab-ci":
      return {
        message: `add this to the job, ${hidden} as masked variables of the project`,
        snippet: lines("before_script:", `  - ${loginCommand}`),
      };
    case "circleci":
      return {
        message: `add this step before its first pull, ${hidden} in a context of the job`,
        snippet: lines("- run:", "    name: Log in to Docker Hub", `    command: ${loginCommand}`),
      };
    case "bitbucket":
      return {
        message: `add this to the script before its first pull, ${hidden} as secured variables`,
        snippet: `- ${loginCommand}`,
      };
    case "azure-pipelines":
      return {
        message:
          "add this step before its first pull, with a service connection of type Docker Registry named dockerhub",
        snippet: lines("- task: Docker@2", "  inputs:", "    command: login", "    containerRegistry: dockerhub"),
      };
    case "jenkins":
      return {
        message: "put its steps into this, with credentials of that name in Jenkins",
        snippet: lines(
          `withCredentials([usernamePassword(credentialsId: 'docker-hub', usernameVariable: '${userVariable}', passwordVariable: '${passwordVariable}')]) {`,
          `    sh '${loginCommand}'`,
          "}",
        ),
      };
    case "script":
      return {
        message: `run this before its first pull, ${hidden} from wherever it is started`,
        snippet: loginCommand,
      };
  }
}

/** Credentials for an image that the runner itself pulls before the first step, which no login of the job covers. */
export function loginOfRunner(runner: JobRunner): ServiceLogin | undefined {
  const before = "is pulled before the first step";
  const pair = (user: string, password: string) => [`username: ${user}`, `password: ${password}`];
  const variables = pair(`$${userVariable}`, `$${passwordVariable}`);
  switch (runner) {
    case "github-actions":
      return {
        message: `${before}: give it credentials beside its image, of two secrets`,
        snippet: lines(
          "credentials:",
          ...pair(`\${{ secrets.${userVariable} }}`, `\${{ secrets.${passwordVariable} }}`).map((line) => `  ${line}`),
        ),
      };
    case "gitlab-ci":
      return {
        message: `${before}: make DOCKER_AUTH_CONFIG a masked variable of the project, which no file shows`,
        snippet: '{"auths":{"https://index.docker.io/v1/":{"auth":"BASE64 OF USER:TOKEN"}}}',
      };
    case "circleci":
      return {
        message: `${before}: give it auth beside its image, of a context of the job`,
        snippet: lines("auth:", ...variables.map((line) => `  ${line}`)),
      };
    case "bitbucket":
      return {
        message: `${before}: write its image as name, with two secured variables beside it`,
        snippet: lines("name: IMAGE", ...variables),
      };
    case "azure-pipelines":
      return {
        message: `${before}: write its image as image, with a service connection of type Docker Registry beside it`,
        snippet: lines("image: IMAGE", "endpoint: dockerhub"),
      };
    case "jenkins":
      return {
        message: `${before}: give the agent credentials beside its image`,
        snippet: "registryCredentialsId 'docker-hub'",
      };
    case "codebuild":
      return {
        message:
          "is pulled before the first command: add this to the project's Environment, with a secret that its role may read",
        snippet: lines(
          "ImagePullCredentialsType: SERVICE_ROLE",
          "RegistryCredential: { CredentialProvider: SECRETS_MANAGER, Credential: ARN OR NAME OF THE SECRET }",
        ),
      };
    case "script":
      return undefined;
  }
}

function lines(...text: string[]): string {
  return text.join("\n");
}

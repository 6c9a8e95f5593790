import type { Explanation } from "./explanation.ts";

export const english: Readonly<Record<string, Explanation>> = {
  CHUBO001: {
    title: "Anonymous pull in CodeBuild",
    why: "Docker Hub counts pulls without a login for each address: 100 in 6 hours. CodeBuild's builds leave by a few addresses that all customers of the region share. So a build fails when strangers have used them up, and succeeds an hour later.",
    example: "FROM httpd:2.4",
    remedy:
      "Log in before the pull (chubo fix --remedy login), or take official images from ECR Public (chubo fix --remedy ecr-public), or pull through a cache of your own (chubo fix --remedy pull-through-cache, chubo gateway).",
  },
  CHUBO002: {
    title: "Login under a host that Docker does not look for",
    why: "Docker keeps a login under the host as it is typed. For Docker Hub it looks under https://index.docker.io/v1/ alone, and docker login keeps one there only without a host, or with exactly docker.io. A login to index.docker.io or registry-1.docker.io succeeds and is never used: the pulls stay anonymous. In a config.json that is written by hand, the key docker.io is not looked for either.",
    example: "docker login --username alice --password-stdin registry-1.docker.io",
    remedy: "Leave the host out: docker login --username alice --password-stdin",
  },
  CHUBO003: {
    title: "Login after the pull",
    why: "A pull is made as whoever is logged in at that moment. One before the login is anonymous, and counted for the shared address.",
    example: '- docker build .\n- echo "$PASSWORD" | docker login --username alice --password-stdin',
    remedy: "Put the login before the first pull, in pre_build or earlier.",
  },
  CHUBO004: {
    title: "E-mail address as user name",
    why: "Docker Hub's registry takes the Docker ID, not the e-mail address of the account; the login is refused.",
    example: "docker login --username alice@example.com --password-stdin",
    remedy: "Use the Docker ID, with an access token in the place of the password.",
  },
  CHUBO005: {
    title: "Password on the command line",
    why: "Arguments can be read by every process of the machine, and stand in the log where the command is printed and not masked.",
    example: "docker login --username alice --password $PASSWORD",
    remedy: 'Give it by standard input: echo "$PASSWORD" | docker login --username alice --password-stdin',
  },
  CHUBO006: {
    title: "Secret that the role may not read",
    why: "CodeBuild reads the secrets of a build as the project's service role. Without secretsmanager:GetSecretValue the build ends in DOWNLOAD_SOURCE, before its first command.",
    example: "secrets-manager:\n  PASSWORD: docker-hub:password",
    remedy: "Allow secretsmanager:GetSecretValue on that secret in the role's policy.",
  },
  CHUBO007: {
    title: "Role that may read every secret",
    why: "A build runs what the repository says. With Resource '*' whoever can change a buildspec can read all secrets of the account.",
    example: "Action: secretsmanager:GetSecretValue\nResource: '*'",
    remedy:
      "Name the secret: !Ref of it, or arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-?????? (AWS adds six characters to the name).",
  },
  CHUBO008: {
    title: "Image build without privileged mode",
    why: "Only a privileged build has a Docker daemon. Without one docker build ends with: Cannot connect to the Docker daemon.",
    example: "Environment:\n  PrivilegedMode: false",
    remedy: "Set PrivilegedMode: true in the project's Environment.",
  },
  CHUBO009: {
    title: "Hidden pull by # syntax=",
    why: "BuildKit pulls the image that this line names before it reads the Dockerfile, in every build with an empty cache: a pull from Docker Hub that no FROM shows.",
    example: "# syntax=docker/dockerfile:1",
    remedy:
      "Leave the line out where the frontend that BuildKit has inside is new enough, log in before the build, or name a copy in a registry of your own.",
  },
  CHUBO010: {
    title: "Pull that is tried again at once",
    why: "The window of the limit is hours long. A loop around a refused pull does not get through, and keeps the machine and the address busy.",
    example: "until docker pull httpd:2.4; do sleep 1; done",
    remedy:
      "Log in, or take the image from elsewhere. Where a retry is for other faults, let it stop at toomanyrequests.",
  },
  CHUBO011: {
    title: "No fixed tag",
    why: "latest may be another image tomorrow: builds are not repeatable, and each cache has to ask again.",
    example: "FROM httpd",
    remedy: "Name a version, or pin a digest.",
  },
  CHUBO012: {
    title: "Digest through a pull-through cache",
    why: "An ECR pull-through cache takes in by tag alone: a digest that was never pulled by its tag is answered with not found.",
    example: "FROM 123456789012.dkr.ecr.us-east-1.amazonaws.com/docker-hub/library/httpd@sha256:...",
    remedy: "Pull it by its tag first, or name the tag.",
  },
  CHUBO013: {
    title: "Official image without library/ behind a pull-through cache",
    why: "Docker Hub's official images stand in the namespace library. docker adds it by itself for Docker Hub only; behind the cache's prefix it has to be written. A tag is asked for anew after 24 hours at the earliest.",
    example: "FROM 123456789012.dkr.ecr.us-east-1.amazonaws.com/docker-hub/httpd:2.4",
    remedy: "Write PREFIX/library/NAME.",
  },
  CHUBO014: {
    title: "CodeBuild's curated image outside of CodeBuild",
    why: "aws/codebuild/... looks like an image of Docker Hub, and is none: CodeBuild takes these names for images that AWS keeps itself. Anywhere else Docker asks Docker Hub for it, in vain.",
    example: "FROM aws/codebuild/standard:7.0",
    remedy: "Name an image that is in a registry.",
  },
  CHUBO015: {
    title: "RegistryCredential without SERVICE_ROLE",
    why: "CodeBuild uses RegistryCredential only with ImagePullCredentialsType SERVICE_ROLE.",
    example: "RegistryCredential: {Credential: docker-hub, CredentialProvider: SECRETS_MANAGER}",
    remedy: "Add ImagePullCredentialsType: SERVICE_ROLE beside it.",
  },
  CHUBO016: {
    title: "Environment image pulled anonymously",
    why: "The image that a build runs in is pulled before its first command. No docker login of the build covers it.",
    example: "Environment:\n  Image: alpine:3.20",
    remedy:
      "Add RegistryCredential with ImagePullCredentialsType: SERVICE_ROLE, take an image of aws/codebuild, or keep a copy in ECR.",
  },
  CHUBO017: {
    title: "Anonymous pull elsewhere",
    why: "The same limit holds for every address without a login: of a hosted runner that strangers share, of an office, of a NAT gateway. How bad it is depends on who else pulls through it.",
    example: "container: node:22",
    remedy: "Log in, take official images from ECR Public, or pull through a gateway.",
  },
  CHUBO018: {
    title: "Login that may fail unnoticed",
    why: "A login whose failure stops nothing leaves the pulls after it anonymous, and the build fails later with another message, or only sometimes.",
    example: "docker login --username alice --password-stdin < token || true",
    remedy: "Let the failure stop the build.",
  },
};

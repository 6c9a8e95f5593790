import type { Pull, Repository } from "../judge/repository.ts";
import { findingsOf, nameOf } from "./pull-text.ts";
import type { Rule } from "./rule.ts";

/** Docker keeps a login under the host as typed, and looks for Docker Hub's under one key alone. */
export const loginUnderWrongHost: Rule = {
  code: "CHUBO002",
  name: "login-under-wrong-host",
  level: "error",
  find: (repository) =>
    findingsOf(loginUnderWrongHost, anonymousBecause(repository, "wrong-host"), (pull) => ({
      message: `${nameOf(pull)} is pulled anonymously: the login before it is kept under a host that Docker does not look for`,
      hint: "write `docker login` without a host: the key of Docker Hub is https://index.docker.io/v1/",
    })),
};

export const loginAfterPull: Rule = {
  code: "CHUBO003",
  name: "login-after-pull",
  level: "error",
  find: (repository) =>
    findingsOf(loginAfterPull, anonymousBecause(repository, "login-later"), (pull) => ({
      message: `${nameOf(pull)} is pulled before the login to Docker Hub, so anonymously`,
      hint: "put the login before the first pull, in pre_build or earlier",
    })),
};

function anonymousBecause({ pulls }: Repository, because: string): Pull[] {
  return pulls.filter(({ source, as, image }) => {
    const isAnonymous = as.kind === "anonymous" && as.because === because;
    return source === "docker-hub" && isAnonymous && image.kind !== "dockerfile-syntax";
  });
}

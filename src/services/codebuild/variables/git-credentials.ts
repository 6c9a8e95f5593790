/**
 * `env.git-credential-helper: yes`: git asks `aws codecommit credential-helper` for CodeCommit, which signs with the role's
 * credentials. CodeBuild's own helper serves the provider that the source comes from; here no provider gives the source, so
 * for others there is nothing to be had. By variables, so that no file of the build's says more than on AWS.
 * https://docs.aws.amazon.com/codecommit/latest/userguide/setting-up-https-unixes.html
 */
export function gitCredentialVariables(region: string): Record<string, string> {
  const host = `credential.https://git-codecommit.${region}.amazonaws.com`;
  return {
    GIT_CONFIG_COUNT: "2",
    GIT_CONFIG_KEY_0: `${host}.helper`,
    GIT_CONFIG_VALUE_0: "!aws codecommit credential-helper $@",
    GIT_CONFIG_KEY_1: `${host}.UseHttpPath`,
    GIT_CONFIG_VALUE_1: "true",
  };
}

import type { EnvironmentPlatform, PlatformType } from "@aws-sdk/client-codebuild";

/**
 * Images of CodeBuild's own, of EC2 and Windows compute, as the user guide listed them in November 2026:
 * https://docs.aws.amazon.com/codebuild/latest/userguide/sample-github-action-runners-update-yaml.images.html
 * AWS tells their versions too (`aws/codebuild/standard:7.0-25.01.20`), which no page lists: none are told here.
 */
const images: Readonly<Record<string, readonly (readonly [name: string, platform: string])[]>> = {
  AMAZON_LINUX: [
    ["aws/codebuild/amazonlinux-x86_64-standard:4.0", "Amazon Linux 2"],
    ["aws/codebuild/amazonlinux-x86_64-standard:5.0", "Amazon Linux 2023"],
    ["aws/codebuild/amazonlinux-aarch64-standard:2.0", "Amazon Linux 2"],
    ["aws/codebuild/amazonlinux-aarch64-standard:3.0", "Amazon Linux 2023"],
  ],
  UBUNTU: [
    ["aws/codebuild/standard:5.0", "Ubuntu 20.04"],
    ["aws/codebuild/standard:6.0", "Ubuntu 22.04"],
    ["aws/codebuild/standard:7.0", "Ubuntu 22.04"],
  ],
  WINDOWS_SERVER: [
    ["aws/codebuild/windows-base:2019-1.0", "Windows Server Core 2019"],
    ["aws/codebuild/windows-base:2019-2.0", "Windows Server Core 2019"],
    ["aws/codebuild/windows-base:2019-3.0", "Windows Server Core 2019"],
    ["aws/codebuild/windows-base:2022-1.0", "Windows Server Core 2022"],
  ],
};

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ListCuratedEnvironmentImages.html */
export function curatedPlatforms(): EnvironmentPlatform[] {
  return Object.entries(images).map(([platform, list]) => ({
    platform: platform as PlatformType,
    languages: [{ language: "BASE", images: list.map(([name, description]) => ({ name, description, versions: [] })) }],
  }));
}

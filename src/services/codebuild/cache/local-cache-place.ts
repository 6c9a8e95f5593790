/** Where a build finds the local cache of its project in a container, as on AWS. */
export const containerLocalCache = "/codebuild/local-cache";

import { blobGroup } from "./blob-cases.ts";
import type { ConformanceGroup } from "./conformance-group.ts";
import { contentGroup } from "./content-cases.ts";
import { type DataSet, dataSets } from "./data-sets.ts";
import { errorGroups } from "./error-cases.ts";
import { hostileGroup } from "./hostile-cases.ts";
import { rangeGroup } from "./range-cases.ts";
import { tagListGroup } from "./tag-list-cases.ts";
import { tagSchemaGroup } from "./tag-schema-cases.ts";

/** Every group of cases, in repositories below `root`. */
export function conformanceGroups(root: string): ConformanceGroup[] {
  const algorithms = ["sha256", "sha512"] as const;
  return [
    ...errorGroups(root),
    ...algorithms.flatMap((algorithm) => {
      const repository = `${root}/${algorithm}`;
      const sets = dataSets(algorithm);
      return [
        blobGroup({ algorithm, repository: `${repository}/blobs`, other: `${repository}/other-blobs` }),
        rangeGroup({ algorithm, repository: `${repository}/ranges` }),
        ...sets.map((set) => contentGroup(set, `${repository}/${set.name.split(" ")[0]}`)),
        tagSchemaGroup(getSet(sets, "missing-subject"), algorithm, `${repository}/tag-schema`),
      ];
    }),
    tagListGroup(getSet(dataSets("sha256"), "image"), `${root}/paged`),
    hostileGroup(`${root}/hostile`),
  ];
}

function getSet(sets: readonly DataSet[], kind: string): DataSet {
  const found = sets.find(({ name }) => name.startsWith(`${kind} `));
  if (found === undefined) throw new Error(`no data set ${kind}`);
  return found;
}

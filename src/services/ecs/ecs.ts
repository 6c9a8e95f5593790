import type { Store } from "../../store/store.ts";
import { openEcsStore } from "./ecs-store.ts";
import { ecsOperations } from "./operations.ts";

export function createEcs({ store, now }: { store: Store; now(): Date }): {
  operations: ReturnType<typeof ecsOperations>;
} {
  return { operations: ecsOperations({ ecs: openEcsStore(store), now }) };
}

import type { BuildJob, BuildStep } from "../build-job.ts";
import type { Extraction } from "../extraction.ts";
import type { TextRange } from "../source-file.ts";
import type { StepSink } from "./shell/step-sink.ts";

/** A recipe of a task runner: its own steps, and the recipes that run before it. */
export interface Recipe {
  name: string;
  range: TextRange;
  needs: readonly string[];
  sink: StepSink;
}

/** A job for each recipe that no other one needs, with the steps of those that it needs before its own. */
export function jobsOfRecipes(path: string, recipes: readonly Recipe[]): Extraction {
  // A recipe runs what another one of the file has built: in which order, whoever calls them decides.
  const built = new Set(recipes.flatMap(({ sink }) => [...sink.built]));
  for (const { sink } of recipes) {
    sink.withoutRuns(built);
    sink.withoutMixedEdits();
  }
  const byName = new Map(recipes.map((recipe) => [recipe.name, recipe]));
  const needed = new Set(recipes.flatMap(({ name, needs }) => needs.filter((need) => need !== name)));
  const tops = recipes.filter(({ name }) => !needed.has(name));
  const jobs = (tops.length > 0 ? tops : recipes).map((recipe): BuildJob => {
    const steps = stepsOf(recipe, byName, new Set());
    return { runner: "script", name: `${path} ${recipe.name}`, range: recipe.range, runnerImages: [], steps };
  });
  return {
    images: recipes.flatMap(({ sink }) => sink.images),
    jobs: jobs.filter(({ steps }) => steps.length > 0),
    notes: recipes.flatMap(({ sink }) => sink.notes),
  };
}

function stepsOf(recipe: Recipe, byName: ReadonlyMap<string, Recipe>, done: Set<string>): BuildStep[] {
  if (done.has(recipe.name)) return [];
  done.add(recipe.name);
  const before = recipe.needs.flatMap((need) => {
    const needed = byName.get(need);
    return needed === undefined ? [] : stepsOf(needed, byName, done);
  });
  return [...before, ...recipe.sink.steps];
}

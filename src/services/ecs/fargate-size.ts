const gibibyte = 1024;

/** Memory in MiB that Fargate has for so many CPU units: from, to and step. */
const memoryByCpu: Record<number, { from: number; to: number; step: number; also?: number }> = {
  256: { from: gibibyte, to: 2 * gibibyte, step: gibibyte, also: 512 },
  512: { from: gibibyte, to: 4 * gibibyte, step: gibibyte },
  1024: { from: 2 * gibibyte, to: 8 * gibibyte, step: gibibyte },
  2048: { from: 4 * gibibyte, to: 16 * gibibyte, step: gibibyte },
  4096: { from: 8 * gibibyte, to: 30 * gibibyte, step: gibibyte },
  8192: { from: 16 * gibibyte, to: 60 * gibibyte, step: 4 * gibibyte },
  16384: { from: 32 * gibibyte, to: 120 * gibibyte, step: 8 * gibibyte },
};

/**
 * Whether Fargate has tasks of that size, in CPU units and MiB.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
 */
export function isFargateSize(cpu: number, memory: number): boolean {
  const sizes = memoryByCpu[cpu];
  if (sizes === undefined) return false;
  const { from, to, step, also } = sizes;
  return memory === also || (memory >= from && memory <= to && (memory - from) % step === 0);
}

/** `256` or `.25 vCPU` as CPU units; undefined where it is neither. */
export function parseCpu(text: string): number | undefined {
  return parseSize(text, /^\s*(\d*\.?\d+)\s*vcpu\s*$/i, gibibyte);
}

/** `512` or `0.5 GB` as MiB; undefined where it is neither. */
export function parseMemory(text: string): number | undefined {
  return parseSize(text, /^\s*(\d*\.?\d+)\s*gb\s*$/i, gibibyte);
}

function parseSize(text: string, withUnit: RegExp, factor: number): number | undefined {
  if (/^\s*\d+\s*$/.test(text)) return Number(text);
  const number = withUnit.exec(text)?.[1];
  return number === undefined ? undefined : Number(number) * factor;
}

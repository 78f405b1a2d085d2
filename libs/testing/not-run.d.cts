/** See not-run.cjs. */
export function recordNotRun(suite: string, reason: string): void;

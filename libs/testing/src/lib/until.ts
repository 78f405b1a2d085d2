import { setTimeout as sleep } from 'node:timers/promises';

/** @throws if the condition does not hold within this time. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  milliseconds: number,
): Promise<void> {
  const deadline = performance.now() + milliseconds;
  while (!(await condition())) {
    if (performance.now() > deadline)
      throw new Error(`Not within ${milliseconds} ms: ${condition}`);
    await sleep(20);
  }
}

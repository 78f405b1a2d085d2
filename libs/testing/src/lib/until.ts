import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until a condition holds.
 *
 * @throws Error if it does not hold within the time.
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  milliseconds: number,
): Promise<void> {
  const deadline = performance.now() + milliseconds;
  while (!(await condition())) {
    if (performance.now() > deadline)
      throw new Error(`Timed out after ${milliseconds} ms: ${condition}`);
    await sleep(20);
  }
}

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Sends SIGTERM to a process, unless it has exited, and waits until it exits. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** The process that has a data directory open, and the URL of the database that it serves. */
export interface Owner {
  readonly pid: number;
  readonly url: string;
}

/**
 * Acquires the lock in `file` for `self`. A stale lock, whose process has died, is taken over.
 *
 * @returns undefined if the lock was acquired, or the running process that holds it.
 */
export function lockDataDirectory(file: string, self: Owner): Owner | undefined {
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, JSON.stringify(self), { mode: 0o600 });
  try {
    for (;;) {
      // Creating a hard link is atomic, and fails if the file exists.
      if (succeeds(() => linkSync(draft, file), 'EEXIST')) return undefined;
      const found = read(file);
      if (found === undefined) continue;
      const owner = JSON.parse(found) as Owner;
      if (isRunning(owner.pid)) return owner;
      removeStaleLock(file, found, draft);
    }
  } finally {
    rmSync(draft);
  }
}

/**
 * Removes the stale lock, if it is still there. Only the process that holds `<file>.takeover` may do so;
 * otherwise it could remove the new lock of another process.
 */
function removeStaleLock(file: string, stale: string, draft: string): void {
  const takeover = `${file}.takeover`;
  if (!succeeds(() => linkSync(draft, takeover), 'EEXIST')) {
    const holder = read(takeover);
    if (holder !== undefined && !isRunning((JSON.parse(holder) as Owner).pid)) {
      rmSync(takeover, { force: true });
    }
    return;
  }
  try {
    if (read(file) === stale) rmSync(file);
  } finally {
    rmSync(takeover);
  }
}

function read(file: string): string | undefined {
  let text: string | undefined;
  succeeds(() => (text = readFileSync(file, 'utf8')), 'ENOENT');
  return text;
}

function isRunning(pid: number): boolean {
  // A restarted container reuses the pids of its processes, so this lock is stale.
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Returns whether `action` succeeded: false if it failed with the expected code. Rethrows other errors. */
function succeeds(action: () => void, expectedCode: string): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === expectedCode) return false;
    throw error;
  }
}

import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** The process that has a data directory open, and the URL under which it serves the database. */
export interface Owner {
  readonly pid: number;
  readonly url: string;
}

/**
 * Takes the lock in `file` for `self`, or answers which running process holds it.
 * A lock whose process died without giving it back is taken over.
 */
export function lockDataDirectory(file: string, self: Owner): Owner | undefined {
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, JSON.stringify(self), { mode: 0o600 });
  try {
    for (;;) {
      // A hard link appears at once and whole, and fails where the file exists.
      if (succeeds(() => linkSync(draft, file), 'EEXIST')) return undefined;
      const found = read(file);
      if (found === undefined) continue;
      const owner = JSON.parse(found) as Owner;
      if (isRunning(owner.pid)) return owner;
      takeAway(file, found);
    }
  } finally {
    rmSync(draft);
  }
}

/** Removes the stale lock, but puts back what another process has put in its place meanwhile. */
function takeAway(file: string, stale: string): void {
  const taken = `${file}.${randomUUID()}`;
  if (!succeeds(() => renameSync(file, taken), 'ENOENT')) return;
  if (read(taken) !== stale) succeeds(() => linkSync(taken, file), 'EEXIST');
  rmSync(taken);
}

function read(file: string): string | undefined {
  let text: string | undefined;
  succeeds(() => (text = readFileSync(file, 'utf8')), 'ENOENT');
  return text;
}

function isRunning(pid: number): boolean {
  // A restarted container gives its processes the numbers they had before.
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether `action` succeeded; false where it failed with the error code that is expected. */
function succeeds(action: () => void, expectedCode: string): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === expectedCode) return false;
    throw error;
  }
}

import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

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
      takeAway(file, found, draft);
    }
  } finally {
    rmSync(draft);
  }
}

/**
 * Removes the stale lock, if it is still there. Only one process at a time does, the one that holds `<file>.takeover`, so
 * that none removes the lock which another has put in its place.
 */
function takeAway(file: string, stale: string, draft: string): void {
  const turn = `${file}.takeover`;
  if (!succeeds(() => linkSync(draft, turn), 'EEXIST')) {
    const holder = read(turn);
    if (holder !== undefined && !isRunning((JSON.parse(holder) as Owner).pid)) {
      rmSync(turn, { force: true });
    }
    return;
  }
  try {
    if (read(file) === stale) rmSync(file);
  } finally {
    rmSync(turn);
  }
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

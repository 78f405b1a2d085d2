import { spawnSync } from 'node:child_process';
import fs, { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDataDirectory, type Owner } from './data-directory-lock';

describe('lockDataDirectory', () => {
  let directory: string;
  let file: string;
  const self = { pid: process.pid, url: 'postgres://self' };
  const other = { pid: process.ppid, url: 'postgres://other' };
  const dead = { pid: spawnSync(process.execPath, ['--version']).pid, url: 'postgres://dead' };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lock-spec-'));
    file = join(directory, 'owner.json');
  });
  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(directory, { recursive: true });
  });

  /** Writes the lock of another process. */
  const write = (owner: Owner) => fs.writeFileSync(file, JSON.stringify(owner));
  /** Checks the lock, and that no other file is left. */
  function expectOwner(owner: Owner): void {
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(owner);
    expect(readdirSync(directory)).toEqual(['owner.json']);
  }
  /** Runs actions of other processes before the first, second… call of a file system function. */
  function meanwhile(name: 'linkSync' | 'readFileSync' | 'rmSync', ...actions: (() => void)[]) {
    const real = fs[name] as (...parameters: unknown[]) => unknown;
    jest.spyOn(fs, name).mockImplementation(((...parameters: unknown[]) => {
      actions.shift()?.();
      return real(...parameters);
    }) as never);
  }

  it('acquires a free lock, readable only by this user', () => {
    expect(lockDataDirectory(file, self)).toBeUndefined();
    expectOwner(self);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('returns the running process that holds the lock', () => {
    lockDataDirectory(file, other);
    expect(lockDataDirectory(file, self)).toEqual(other);
    expectOwner(other);
  });

  it('returns the process of another user that holds the lock', () => {
    write(other);
    jest.spyOn(process, 'kill').mockImplementation(() => {
      throw Object.assign(new Error(), { code: 'EPERM' });
    });
    expect(lockDataDirectory(file, self)).toEqual(other);
    expectOwner(other);
  });

  it('takes over the lock of a process that has died', () => {
    write(dead);
    expect(lockDataDirectory(file, self)).toBeUndefined();
    expectOwner(self);
  });

  it('takes over the lock of a process that has died and had the pid of this one', () => {
    write({ ...dead, pid: process.pid });
    expect(lockDataDirectory(file, self)).toBeUndefined();
    expectOwner(self);
  });

  it('only sends signal 0 to the process that holds the lock', () => {
    write(other);
    const kill = jest.spyOn(process, 'kill');
    lockDataDirectory(file, self);
    expect(kill.mock.calls).toEqual([[other.pid, 0]]);
  });

  describe('if another process acts at the same time', () => {
    const nothing = () => {};
    let takeover: string;
    beforeEach(() => (takeover = `${file}.takeover`));

    const beforeRemoval = (action: () => void) => meanwhile('linkSync', nothing, action);

    it('leaves a free lock to the process that was first', () => {
      meanwhile('linkSync', () => write(other));
      expect(lockDataDirectory(file, self)).toEqual(other);
      expectOwner(other);
    });

    it('acquires a lock that is released before it is read', () => {
      write(other);
      meanwhile('readFileSync', () => rmSync(file));
      expect(lockDataDirectory(file, self)).toBeUndefined();
      expectOwner(self);
    });

    it('acquires a stale lock that the other process removes', () => {
      write(dead);
      beforeRemoval(() => rmSync(file));
      expect(lockDataDirectory(file, self)).toBeUndefined();
      expectOwner(self);
    });

    it('returns the other process if that has taken over the stale lock', () => {
      write(dead);
      beforeRemoval(() => write(other));
      expect(lockDataDirectory(file, self)).toEqual(other);
      expectOwner(other);
    });

    it('takes over the lock of the other process if that has died since', () => {
      write(dead);
      beforeRemoval(() => write({ ...dead, url: 'postgres://dead-too' }));
      expect(lockDataDirectory(file, self)).toBeUndefined();
      expectOwner(self);
    });

    it('waits while the other process removes the stale lock', () => {
      write(dead);
      fs.writeFileSync(takeover, JSON.stringify(other));
      // The first link is the lock, the second one the takeover.
      meanwhile('linkSync', nothing, nothing, nothing, () => {
        write(other);
        rmSync(takeover);
      });
      expect(lockDataDirectory(file, self)).toEqual(other);
      expectOwner(other);
    });

    it('takes over if the other process died while removing the stale lock', () => {
      write(dead);
      fs.writeFileSync(takeover, JSON.stringify(dead));
      expect(lockDataDirectory(file, self)).toBeUndefined();
      expectOwner(self);
    });
  });

  it.each(['linkSync', 'readFileSync', 'rmSync'] as const)(
    'throws if the file system denies %s, and leaves the lock unchanged',
    (name) => {
      write(dead);
      const error = Object.assign(new Error('denied'), { code: 'EACCES' });
      meanwhile(name, () => {
        throw error;
      });
      expect(() => lockDataDirectory(file, self)).toThrow(error);
      expectOwner(dead);
    },
  );
});

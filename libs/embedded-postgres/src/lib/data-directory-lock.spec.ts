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

  /** Puts a lock there, as a process does that has taken it. */
  const write = (owner: Owner) => fs.writeFileSync(file, JSON.stringify(owner));
  /** Nothing else may be left behind. */
  function expectOwner(owner: Owner): void {
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(owner);
    expect(readdirSync(directory)).toEqual(['owner.json']);
  }
  /** Has other processes do something just before this one calls a function for the first time, the second time, and so on. */
  function meanwhile(name: 'linkSync' | 'readFileSync' | 'rmSync', ...does: (() => void)[]) {
    const real = fs[name] as (...parameters: unknown[]) => unknown;
    jest.spyOn(fs, name).mockImplementation(((...parameters: unknown[]) => {
      does.shift()?.();
      return real(...parameters);
    }) as never);
  }

  it('takes a free lock, which nobody else can read', () => {
    expect(lockDataDirectory(file, self)).toBeUndefined();
    expectOwner(self);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('names the running process that has it', () => {
    lockDataDirectory(file, other);
    expect(lockDataDirectory(file, self)).toEqual(other);
    expectOwner(other);
  });

  it('names the process of another user that has it', () => {
    write(other);
    jest.spyOn(process, 'kill').mockImplementation(() => {
      throw Object.assign(new Error(), { code: 'EPERM' });
    });
    expect(lockDataDirectory(file, self)).toEqual(other);
    expectOwner(other);
  });

  it('takes over from a process that has died', () => {
    write(dead);
    expect(lockDataDirectory(file, self)).toBeUndefined();
    expectOwner(self);
  });

  it('takes over from a process that has died and had the number that this one has', () => {
    write({ ...dead, pid: process.pid });
    expect(lockDataDirectory(file, self)).toBeUndefined();
    expectOwner(self);
  });

  it('harms no running process when it asks for it', () => {
    write(other);
    const kill = jest.spyOn(process, 'kill');
    lockDataDirectory(file, self);
    expect(kill.mock.calls).toEqual([[other.pid, 0]]);
  });

  describe('where another process comes between', () => {
    const nothing = () => {};
    let takeover: string;
    beforeEach(() => (takeover = `${file}.takeover`));

    const beforeItTakesAway = (does: () => void) => meanwhile('linkSync', nothing, does);

    it('lets the first of two have a free lock', () => {
      meanwhile('linkSync', () => write(other));
      expect(lockDataDirectory(file, self)).toEqual(other);
      expectOwner(other);
    });

    it('takes a lock that is given back before it is read', () => {
      write(other);
      meanwhile('readFileSync', () => rmSync(file));
      expect(lockDataDirectory(file, self)).toBeUndefined();
      expectOwner(self);
    });

    it('takes one that is stale and that the other one takes away', () => {
      write(dead);
      beforeItTakesAway(() => rmSync(file));
      expect(lockDataDirectory(file, self)).toBeUndefined();
      expectOwner(self);
    });

    it('leaves the stale lock to the other one that has taken it over', () => {
      write(dead);
      beforeItTakesAway(() => write(other));
      expect(lockDataDirectory(file, self)).toEqual(other);
      expectOwner(other);
    });

    it('takes over from the other one too, if that has died since', () => {
      write(dead);
      beforeItTakesAway(() => write({ ...dead, url: 'postgres://dead-too' }));
      expect(lockDataDirectory(file, self)).toBeUndefined();
      expectOwner(self);
    });

    it('waits for the other one that takes the stale lock away', () => {
      write(dead);
      fs.writeFileSync(takeover, JSON.stringify(other));
      // The first link is that of the lock, the second one that of the turn.
      meanwhile('linkSync', nothing, nothing, nothing, () => {
        write(other);
        rmSync(takeover);
      });
      expect(lockDataDirectory(file, self)).toEqual(other);
      expectOwner(other);
    });

    it('goes on where the other one has died while it took the stale lock away', () => {
      write(dead);
      fs.writeFileSync(takeover, JSON.stringify(dead));
      expect(lockDataDirectory(file, self)).toBeUndefined();
      expectOwner(self);
    });
  });

  it.each(['linkSync', 'readFileSync', 'rmSync'] as const)(
    'fails where the file system does not let it (%s), and leaves the lock as it was',
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

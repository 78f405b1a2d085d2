import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDataDirectory } from './data-directory-lock';

describe('lockDataDirectory', () => {
  let directory: string;
  let file: string;
  const self = { pid: process.pid, url: 'postgres://self' };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lock-spec-'));
    file = join(directory, 'owner.json');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('takes a free lock, and leaves nothing else behind', () => {
    expect(lockDataDirectory(file, self)).toBeUndefined();
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(self);
    expect(readdirSync(directory)).toEqual(['owner.json']);
  });

  it('names the running process that has it', () => {
    const other = { pid: process.ppid, url: 'postgres://other' };
    lockDataDirectory(file, other);
    expect(lockDataDirectory(file, self)).toEqual(other);
  });

  it('takes over from a process that has died', () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    lockDataDirectory(file, { pid, url: 'postgres://dead' });
    expect(lockDataDirectory(file, self)).toBeUndefined();
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(self);
    expect(readdirSync(directory)).toEqual(['owner.json']);
  });
});

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** The root of the repository. */
export const ROOT = resolve(__dirname, '../../..');

/** The text of a file in the repository. */
export function readWorkspaceFile(path: string): string {
  return readFileSync(resolve(ROOT, path), 'utf8');
}

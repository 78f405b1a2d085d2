/** Updates the generated parts of the docs, each of which stands between two comments. */
import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';

/**
 * Replaces the section between `<!-- Begin: NAME -->` and `<!-- End: NAME -->`.
 *
 * @param document the path of a Markdown file.
 * @param name the command that generates the section.
 * @throws Error if the document does not have the two comments.
 */
export async function writeSection(document, name, markdown) {
  const text = readFileSync(document, 'utf8');
  const [begin, end] = [`<!-- Begin: ${name} -->`, `<!-- End: ${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${document} must have ${begin} and then ${end}`);
  const updated = `${text.slice(0, from)}${begin}\n\n${markdown.trim()}\n\n${text.slice(to)}`;
  const options = { parser: 'markdown', printWidth: 100, proseWrap: 'always' };
  writeFileSync(document, await format(updated, options));
}

/** @returns the machine and the Node.js version that figures were measured with. */
export function describeMachine(cpus, memoryBytes) {
  const gigabytes = Math.round(memoryBytes / 2 ** 30);
  return `${cpus.length} × ${cpus[0].model.trim()}, ${gigabytes} GB, Node.js ${process.versions.node}`;
}

import { describeWith } from '@calls/testing';
import type { Reader } from './reader';
import type { Guide } from './snippets';

export function shell(guide: Guide, reader: Reader): void {
  describeWith(['bash', 'curl', 'jq'], 'with jq', () => {
    const filtered = guide.take('jq: sh');
    const longIds = guide.take('jq: sh 2');

    it('filters and sums calls, and keeps long IDs', async () => {
      await reader.workspace.shell(filtered);
      expect(await reader.workspace.read('silent.txt')).toBe('0015551234567\n');
      expect(JSON.parse(await reader.workspace.read('seconds.json'))).toEqual({
        'Support Bot': 300,
        none: 0,
        'He said "hi",\nand left': 0,
        '': 0,
        '=1+1': 0,
        NA: 61,
      });
      await reader.workspace.shell(longIds);
      const ids = (await reader.stored()).map(([id]) => `${id}\n`);
      expect(await reader.workspace.read('ids.txt')).toBe(ids.join(''));
    });
  });

  describeWith(['bash', 'curl', 'sha256sum'], 'with a shell', () => {
    const rest = guide.take('Continue a truncated download: sh');
    const proof = guide.take('Verify a file: sh');

    it('continues a download wherever it was truncated', async () => {
      const complete = await (await reader.api.export('format=ndjson')).text();
      for (const length of [
        0,
        10,
        complete.indexOf('\n') + 1,
        complete.length / 2,
        complete.length,
      ]) {
        await reader.workspace.write('broken.ndjson', Buffer.from(complete).subarray(0, length));
        await reader.workspace.shell(rest);
        expect(await reader.workspace.read('calls.ndjson')).toBe(complete);
      }
    });

    it('prints the size and the digest that the API logs', async () => {
      const [bytes, digest] = (await reader.workspace.shell(proof)).split(/\s+/);
      const requestId = `nightly-${new Date().toISOString().slice(0, 10)}`;
      const ofExport = {
        requestId,
        export: 'completed',
        rows: 6,
        bytes: Number(bytes),
        sha256: digest,
      };
      expect(reader.logged).toContainEqual(expect.objectContaining(ofExport));
    });
  });
}

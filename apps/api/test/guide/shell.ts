import { describeWith } from '@calls/testing';
import type { Reader } from './reader';
import type { Guide } from './snippets';

export function shell(guide: Guide, reader: Reader): void {
  describeWith(['bash', 'curl', 'jq'], 'with jq', () => {
    const filtered = guide.take('jq: sh');
    const longIds = guide.take('jq: sh 2');

    it('filters, sums up, and keeps long ids', async () => {
      await reader.workplace.shell(filtered);
      expect(await reader.workplace.read('silent.txt')).toBe('0015551234567\n');
      expect(JSON.parse(await reader.workplace.read('seconds.json'))).toEqual({
        'Support Bot': 300,
        none: 0,
        'He said "hi",\nand left': 0,
        '': 0,
        '=1+1': 0,
        NA: 61,
      });
      await reader.workplace.shell(longIds);
      const ids = (await reader.stored()).map(([id]) => `${id}\n`);
      expect(await reader.workplace.read('ids.txt')).toBe(ids.join(''));
    });
  });

  describeWith(['bash', 'curl', 'sha256sum'], 'with a shell', () => {
    const rest = guide.take('Continue a truncated download: sh');
    const proof = guide.take('Verify a file: sh');

    it('continues a download, wherever it broke off', async () => {
      const whole = await (await reader.api.export('format=ndjson')).text();
      for (const length of [0, 10, whole.indexOf('\n') + 1, whole.length / 2, whole.length]) {
        await reader.workplace.write('broken.ndjson', Buffer.from(whole).subarray(0, length));
        await reader.workplace.shell(rest);
        expect(await reader.workplace.read('calls.ndjson')).toBe(whole);
      }
    });

    it('finds the size and the digest of the file in the log', async () => {
      const [bytes, digest] = (await reader.workplace.shell(proof)).split(/\s+/);
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

import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import * as zlib from 'node:zlib';
import { chooseEncoding, compress } from './compression';

const HAS_ZSTD = 'createZstdCompress' in zlib;
const BEST = HAS_ZSTD ? 'zstd' : 'gzip';

describe('chooseEncoding', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['identity', undefined],
    ['br, deflate', undefined],
    ['gzip', 'gzip'],
    ['gzip;q=0', undefined],
    ['gzip;q=0.5, identity', undefined],
    ['identity, gzip', undefined],
    ['gzip, deflate, br, zstd', BEST],
    ['zstd;q=0.5, gzip', 'gzip'],
    ['zstd, gzip;q=0.5', BEST],
    ['zstd;q=0, gzip', 'gzip'],
    ['*', BEST],
    ['*;q=0', undefined],
    ['GZIP', 'gzip'],
  ])('for Accept-Encoding %j chooses %j', (accepted, encoding) => {
    expect(chooseEncoding(accepted)).toBe(encoding);
  });
});

describe('compress', () => {
  const file = Buffer.from('1,"CA1","Support Bot"\r\n'.repeat(10_000));

  it('returns the source itself without an encoding', () => {
    const source = Readable.from([file]);
    expect(compress(source, undefined)).toBe(source);
  });

  it('compresses with gzip', async () => {
    const compressed = await buffer(compress(Readable.from([file]), 'gzip'));
    expect(compressed.length).toBeLessThan(file.length / 10);
    expect(zlib.gunzipSync(compressed).equals(file)).toBe(true);
  });

  it('fails if its source fails, and closes its source when destroyed', async () => {
    const failing = new Readable({ read: () => {} });
    const compressed = compress(failing, 'gzip');
    const read = buffer(compressed);
    failing.destroy(new Error('connection lost'));
    await expect(read).rejects.toThrow('connection lost');

    const source = new Readable({ read: () => {} });
    compress(source, 'gzip')
      .on('error', () => {})
      .destroy();
    await new Promise((closed) => source.once('close', closed));
    expect(source.destroyed).toBe(true);
  });
});

// @needs Zstandard
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import * as zlib from 'node:zlib';
import { LISTENING, Program } from './program';
import { TIMEOUT_MS } from '@calls/testing';

/** A Node.js with Zstandard (22.15 and later): this one, or `ZSTD_NODE`. */
const NODE = 'createZstdCompress' in zlib ? process.execPath : process.env['ZSTD_NODE'];
const DECOMPRESS = `
  const { zstdDecompressSync } = require('node:zlib');
  process.stdout.write(zstdDecompressSync(require('node:fs').readFileSync(0)));`;

describe('Zstandard', () => {
  let directory: string;
  let api: Program;
  let url: string;
  let authorization: string;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'zstd-spec-'));
    api = new Program('main', { PORT: '0' }, directory, [], [], NODE);
    url = `${await api.printed(LISTENING)}/api/v1/calls/export`;
    authorization = await api.printed(/Authorization: (Bearer [^']+)/);
  }, TIMEOUT_MS);
  afterAll(async () => {
    await api.stop();
    rmSync(directory, { recursive: true });
  });

  async function download(format: string, acceptEncoding: string): Promise<[string?, Buffer?]> {
    const headers = { authorization, 'accept-encoding': acceptEncoding };
    const [response] = (await once(get(`${url}?format=${format}`, { headers }), 'response')) as [
      IncomingMessage,
    ];
    return [response.headers['content-encoding'], await buffer(response)];
  }

  it.each(['csv', 'json', 'ndjson'])('compresses %s for clients that accept it', async (format) => {
    const [, plain] = await download(format, 'identity');
    const [encoding, compressed] = await download(format, 'gzip, deflate, br, zstd');
    expect(encoding).toBe('zstd');
    expect(plain?.length).toBeGreaterThan(100_000);
    expect(compressed?.length).toBeLessThan((plain?.length ?? 0) / 2);
    const input = { input: compressed, maxBuffer: 2 ** 30 };
    const decompressed = execFileSync(NODE as string, ['-e', DECOMPRESS], input);
    expect(decompressed.equals(plain as Buffer)).toBe(true);
  });

  it('is not used for clients that prefer gzip', async () => {
    expect((await download('csv', 'zstd;q=0.5, gzip'))[0]).toBe('gzip');
  });
});

import { columnOf } from '../../../../test/column-of';
import { csv } from '../../formats/csv.format';
import { Page } from '../../formats/page';
import { PageTooLargeError } from '../calls-reader';
import { BinaryCopy } from './binary-copy';
import { BinaryRows } from './binary-rows';

const NAME = columnOf('name', 'text');
const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const TRAILER = Buffer.from([0xff, 0xff]);

function row(name: string): Buffer {
  const head = Buffer.alloc(6);
  head.writeInt16BE(1);
  head.writeInt32BE(Buffer.byteLength(name), 2);
  return Buffer.concat([head, Buffer.from(name)]);
}

const MAX_PAGE_BYTES = 100_000;

function copy() {
  const { cells } = csv.encoder([NAME], { formulaGuard: true, byteOrderMark: false });
  const query = new BinaryCopy(
    'COPY …',
    new BinaryRows([NAME], 0, cells, new Page(16), MAX_PAGE_BYTES),
  );
  query.callback = jest.fn();
  query.calls.catch(() => {});
  return {
    query,
    receive: (...chunks: Buffer[]) => {
      for (const chunk of chunks) query.handleCopyData({ chunk });
    },
  };
}

describe('BinaryCopy', () => {
  it('sends its statements as they are', () => {
    const connection = { query: jest.fn() };
    copy().query.submit(connection);
    expect(connection.query).toHaveBeenCalledWith('COPY …');
  });

  it('gives the rows when the server is ready for the next query', async () => {
    const { query, receive } = copy();
    receive(HEADER, row('a'), row('=b'), TRAILER);
    query.handleReadyForQuery();
    expect(query.callback).toHaveBeenCalledTimes(1);
    const { bytes, count } = await query.calls;
    expect([Buffer.from(bytes).toString(), count]).toEqual(['"a"\r\n"\'=b"\r\n', 2]);
  });

  it('takes a call that is larger than a page, if it is the only one', async () => {
    const { query, receive } = copy();
    const name = '"'.repeat(MAX_PAGE_BYTES + 1);
    receive(HEADER, row(name), TRAILER);
    query.handleReadyForQuery();
    const { bytes, count } = await query.calls;
    expect([bytes.length, count]).toEqual([2 * name.length + 4, 1]);
  });

  it('says how many calls fit where a page is too large, and passes over the rest', async () => {
    const { query, receive } = copy();
    const half = row('x'.repeat(MAX_PAGE_BYTES / 2 - 100));
    receive(HEADER, half, half, half, row('small'), TRAILER);
    query.handleReadyForQuery();
    await expect(query.calls).rejects.toEqual(new PageTooLargeError(2));
    expect(query.callback).toHaveBeenCalledTimes(1);
  });

  it('fails with what is wrong with a row, and passes over the rest', async () => {
    const { query, receive } = copy();
    receive(HEADER, Buffer.from([0, 2]), row('a'), TRAILER);
    query.handleReadyForQuery();
    await expect(query.calls).rejects.toThrow('The database sent a row of 2 fields, not 1');
  });

  it("fails with the server's error", async () => {
    const { query, receive } = copy();
    receive(HEADER, row('a'));
    query.handleError(new Error('canceling statement due to statement timeout'));
    await expect(query.calls).rejects.toThrow('statement timeout');
    expect(query.callback).toHaveBeenCalledTimes(1);
  });

  it('fails where the rows have no end', async () => {
    const { query, receive } = copy();
    receive(HEADER, row('a'));
    query.handleReadyForQuery();
    await expect(query.calls).rejects.toThrow('ended binary COPY data before its end');
  });
});

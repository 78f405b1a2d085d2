import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { CallsSource } from './calls-source';
import type { CallsSourceRegistry } from './calls-source-registry';
import { IndexCheck } from './index-check';

const WARNING = 'The table call has no index on (account_id, id)';

let lines: string[];
beforeEach(() => {
  lines = [];
  for (const level of ['warn', 'debug'] as const) {
    jest
      .spyOn(Logger.prototype, level)
      .mockImplementation((...[line]: unknown[]) => void lines.push(`${level}: ${String(line)}`));
  }
});
afterEach(() => jest.restoreAllMocks());

/** A source with this result of the check. */
const source = (missingIndexes: () => Promise<string | undefined>) =>
  ({ missingIndexes }) as CallsSource;

/** A check of the app's source or, without one, of the sources that requests open. */
function checked(own?: CallsSource) {
  const only = own && ({} as DataSource);
  let tell: (opened: CallsSource) => void = () => {};
  const sources: Pick<CallsSourceRegistry, 'only' | 'of' | 'onOpen'> = {
    only,
    of: (dataSource) => {
      if (!own || dataSource !== only) throw new Error('not that of the app');
      return own;
    },
    onOpen: (listener) => (tell = listener),
  };
  const check = new IndexCheck(sources as CallsSourceRegistry);
  return { check, open: (opened: CallsSource) => tell(opened) };
}

const flush = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('IndexCheck', () => {
  it('logs a warning about missing indexes when the app starts', async () => {
    const { check } = checked(source(async () => WARNING));
    expect(lines).toEqual([]);
    await check.onApplicationBootstrap();
    expect(lines).toEqual([`warn: ${WARNING}`]);
  });

  it('logs nothing if no index is missing', async () => {
    await checked(source(async () => undefined)).check.onApplicationBootstrap();
    expect(lines).toEqual([]);
  });

  it('checks each source when a request opens it if the app has no DataSource of its own', async () => {
    const { check, open } = checked();
    await check.onApplicationBootstrap();
    open(source(async () => 'The table of a tenant has no index'));
    open(source(async () => undefined));
    await flush();
    expect(lines).toEqual(['warn: The table of a tenant has no index']);
  });

  it('logs a debug line if the check fails, and does not throw', async () => {
    const closed = source(() => Promise.reject(new Error('permission denied')));
    const { check, open } = checked(closed);
    await check.onApplicationBootstrap();
    open(closed);
    await flush();
    const line = 'debug: Cannot check the indexes of calls: permission denied';
    expect(lines).toEqual([line, line]);
  });
});

import { ApiLogger } from './api-logger';
import { giveRequestId } from './request-id';

const FIELDS = { message: 'Export completed: 1 call, 2 bytes', export: 'completed', list: [1, 2] };

/** What Nest's logger must go on asking of the methods that `ApiLogger` overrides. */
describe('ApiLogger', () => {
  let written: string;
  beforeEach(() => {
    written = '';
    for (const stream of [process.stdout, process.stderr]) {
      jest.spyOn(stream, 'write').mockImplementation((text) => {
        written += text;
        return true;
      });
    }
  });
  afterEach(() => jest.restoreAllMocks());

  /** @returns the lines that are written while a request is worked on. */
  function linesOf(NODE_ENV: string, work: (logger: ApiLogger) => void): string[] {
    const logger = new ApiLogger({ NODE_ENV, LOG_LEVEL: 'log' });
    const request = { headers: { 'x-request-id': 'request-1' } };
    const response = { setHeader: () => response };
    giveRequestId(request as never, response as never, () => work(logger));
    return written.trimEnd().split('\n');
  }

  it('gives the id and the fields to a line of JSON', () => {
    const [line, ...others] = linesOf('production', (logger) => logger.log(FIELDS, 'Context'));
    expect(others).toEqual([]);
    expect(JSON.parse(line as string)).toEqual({
      ...FIELDS,
      requestId: 'request-1',
      level: 'log',
      pid: process.pid,
      timestamp: expect.any(Number),
      context: 'Context',
    });
  });

  it('has a text and an error in JSON as Nest has them', () => {
    const lines = linesOf('production', (logger) => {
      logger.warn('text', 'Context');
      logger.error(new Error('broken'), 'Context');
    }).map((line) => JSON.parse(line));
    expect(lines).toEqual([
      expect.objectContaining({ requestId: 'request-1', level: 'warn', message: 'text' }),
      expect.objectContaining({
        requestId: 'request-1',
        level: 'error',
        message: 'broken',
        error: expect.objectContaining({ stack: expect.stringContaining('broken') }),
      }),
    ]);
  });

  it('has the id, the text and the fields on one line for people', () => {
    const lines = linesOf('development', (logger) => logger.log(FIELDS, 'Context'));
    expect(lines).toEqual([
      expect.stringMatching(
        / LOG \[Context\] \[request-1\] Export completed: 1 call, 2 bytes \{ export: 'completed', list: \[ 1, 2 \] \}$/,
      ),
    ]);
  });

  it('keeps below the level quiet', () => {
    expect(linesOf('production', (logger) => logger.debug(FIELDS, 'Context'))).toEqual(['']);
  });
});

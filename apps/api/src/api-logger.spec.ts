import { ApiLogger } from './api-logger';
import { assignRequestId } from './request-id';

const FIELDS = { message: 'Export completed: 1 call, 2 bytes', export: 'completed', list: [1, 2] };

/** Fails if Nest's logger no longer calls the methods that `ApiLogger` overrides. */
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

  /** Returns the lines that are logged during a request. */
  function linesOf(NODE_ENV: string, work: (logger: ApiLogger) => void): string[] {
    const logger = new ApiLogger({ NODE_ENV, LOG_LEVEL: 'log' });
    const request = { headers: { 'x-request-id': 'request-1' } };
    const response = { setHeader: () => response };
    assignRequestId(request as never, response as never, () => work(logger));
    return written.trimEnd().split('\n');
  }

  it('writes the request id and the fields to a JSON line in production', () => {
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

  it("writes strings and errors as JSON like Nest's ConsoleLogger", () => {
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

  it('writes the request id, the text and the fields on one line in development', () => {
    const lines = linesOf('development', (logger) => logger.log(FIELDS, 'Context'));
    expect(lines).toEqual([
      expect.stringMatching(
        / LOG \[Context\] \[request-1\] Export completed: 1 call, 2 bytes \{ export: 'completed', list: \[ 1, 2 \] \}$/,
      ),
    ]);
  });

  it('logs nothing below the level', () => {
    expect(linesOf('production', (logger) => logger.debug(FIELDS, 'Context'))).toEqual(['']);
  });
});

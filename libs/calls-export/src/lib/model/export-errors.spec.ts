import { createContext, runInContext } from 'node:vm';
import type { ColumnKind } from './export-column';
import {
  AccountTypeError,
  DatabaseUnavailableError,
  ExportStoppedError,
  InvalidAccountError,
  InvalidAfterError,
  reasonOf,
  TooManyExportsError,
  UnexportableCallError,
} from './export-errors';

describe('The message of', () => {
  it.each([
    [
      'a limit of an account',
      new TooManyExportsError('account', 4),
      '4 exports of this account are running, which is as many as may: try again when one has ended',
    ],
    [
      'a limit of the process',
      new TooManyExportsError('process', 9),
      '9 exports are running, which is as many as may: try again soon',
    ],
    [
      'a database that is down',
      new DatabaseUnavailableError(new Error('secret')),
      'The database is not available at the moment: try again soon',
    ],
    [
      'a database that is slow',
      new DatabaseUnavailableError(new Error('secret'), true),
      'The database did not answer in time: it is busy or locked, or this export is too much for it',
    ],
    [
      'an account of another kind',
      new InvalidAccountError('a UUID'),
      'The account must be a UUID, as those of the calls are',
    ],
    [
      'an unknown call',
      new InvalidAfterError('unknown'),
      "after names a call that is gone or is not the account's: export from the beginning",
    ],
    [
      'a call without a start',
      new InvalidAfterError('not started'),
      'after names a call that has not started, so it is in no date range: export from the beginning',
    ],
    [
      'an account that is no UUID',
      new AccountTypeError('calls', 'ACME'),
      "calls.account_id can't become uuid, since ACME is not a UUID in lower case: migrate to text, " +
        'replace each account by its UUID, then migrate to uuid',
    ],
  ])('%s', (_, error, message) => {
    expect(error.message).toBe(message);
  });

  it.each<[ColumnKind | 'creation' | undefined, string]>([
    ['integer', 'a whole number'],
    ['decimal', 'a decimal number'],
    ['boolean', 'true or false'],
    ['text', 'a text'],
    ['time', 'in the years 0001 to 9999'],
    ['creation', 'set, by which calls are put in order'],
    [undefined, 'in the years 0001 to 9999'],
  ])('a call whose %s can not be written', (kind, what) => {
    const error = new UnexportableCallError('7', 'field', kind);
    expect(error.message).toBe(`Call 7 can't be exported: its field is not ${what}`);
    expect(error).toMatchObject({ callId: '7', field: 'field' });
    expect('cause' in error).toBe(false);
  });

  it('a call whose value a mask does not take, which it does not repeat', () => {
    const cause = new Error('+15551234567');
    const error = new UnexportableCallError('7', 'phone', 'text', { cause });
    expect(error.message).toBe(
      "Call 7 can't be exported: the mask or the transformer of its phone failed",
    );
    expect(error.cause).toBe(cause);
  });

  it('comes with what a handler needs', () => {
    const cause = new Error('down');
    expect(new TooManyExportsError('account', 4)).toMatchObject({ scope: 'account', running: 4 });
    expect(new AccountTypeError('calls', 'ACME').account).toBe('ACME');
    expect(new DatabaseUnavailableError(cause).cause).toBe(cause);
    expect(new InvalidAccountError('a UUID', cause).cause).toBe(cause);
    expect(new InvalidAccountError('a UUID')).toBeInstanceOf(TypeError);
    expect(new InvalidAfterError('unknown')).toBeInstanceOf(TypeError);
  });
});

describe('reasonOf', () => {
  const named = (name: string, message: string, more: object = {}) =>
    Object.assign(new Error(message), { name, ...more });

  it.each<[string, unknown, string]>([
    ['an error', new Error('lost'), 'lost'],
    ['a long message', new Error('x'.repeat(201)), `${'x'.repeat(200)}… (201 characters)`],
    ['an error of another realm', runInContext('new Error("far")', createContext({})), 'far'],
    ['a text', 'lost', 'lost'],
    ['a long text', 'x'.repeat(201), `${'x'.repeat(200)}… (201 characters)`],
    ['nothing', undefined, 'undefined'],
    ['an object like an error', { message: 'lost' }, '[object Object]'],
    ['what a database threw', new DatabaseUnavailableError(new Error('57P01')), '57P01'],
    [
      'what a database threw twice',
      new DatabaseUnavailableError(new DatabaseUnavailableError('gone')),
      'gone',
    ],
    [
      'what stopped a stream',
      named('AbortError', 'aborted', { cause: new ExportStoppedError('stopping') }),
      'stopping',
    ],
    ['a stream that was stopped without one', named('AbortError', 'aborted'), 'aborted'],
    ['an error with a cause', named('Error', 'outer', { cause: new Error('inner') }), 'outer'],
    ['an empty message with a code', named('AggregateError', '', { code: 'E1' }), 'E1'],
    ['an empty message with a number', named('Error', '', { code: 0 }), '0'],
    ['an empty message', named('AggregateError', ''), 'AggregateError'],
    [
      'an empty message with a long code',
      named('Error', '', { code: 'y'.repeat(300) }),
      `${'y'.repeat(200)}… (300 characters)`,
    ],
  ])('of %s', (_, error, reason) => {
    expect(reasonOf(error)).toBe(reason);
  });
});

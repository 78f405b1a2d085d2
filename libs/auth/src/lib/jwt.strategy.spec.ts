import { Logger, ServiceUnavailableException } from '@nestjs/common';
import { sign } from 'jsonwebtoken';
import { Strategy } from 'passport-jwt';
import { JwtStrategy } from './jwt.strategy';
import { signToken } from './sign-token';

const SECRET = 'a secret for the tests of 32 bytes or more';
const SETTINGS = { key: { secret: SECRET } };

/** Returns what a passport strategy does with a request: success, fail or error. */
function outcome(strategy: Strategy, authorization?: string): Promise<unknown[]> {
  return new Promise((resolve) => {
    Object.assign(strategy, {
      success: (user: unknown) => resolve(['success', user]),
      fail: (why: unknown) => resolve(['fail', why]),
      error: (error: unknown) => resolve(['error', error]),
    });
    strategy.authenticate({ headers: { authorization } } as never, {});
  });
}

describe('JwtStrategy', () => {
  const refusals: string[] = [];
  const logged: unknown[][] = [];
  const strategyOf = (settings: ConstructorParameters<typeof JwtStrategy>[0] = SETTINGS) =>
    new JwtStrategy(settings, (reason) => refusals.push(reason));

  beforeAll(() => {
    const debug = (...line: unknown[]) => void logged.push(line);
    Logger.overrideLogger({ log: debug, warn: () => {}, error: debug, debug });
  });
  beforeEach(() => {
    refusals.length = 0;
    logged.length = 0;
  });
  afterEach(() => jest.restoreAllMocks());

  it('sets the user to the claims of a bearer token', async () => {
    const token = await signToken(SETTINGS, 7, 60);
    expect(await outcome(strategyOf(), `Bearer ${token}`)).toEqual([
      'success',
      { account_id: 7, iat: expect.any(Number), exp: expect.any(Number) },
    ]);
    expect([refusals, logged]).toEqual([[], []]);
  });

  it.each([
    ['no header', undefined, 'missing'],
    ['another scheme', 'Basic YTpi', 'missing'],
    ['an invalid token', 'Bearer nonsense', 'malformed'],
  ])('refuses a request with %s, and only logs the reason', async (_, header, reason) => {
    const [kind] = await outcome(strategyOf(), header);
    expect(kind).toBe('fail');
    expect(refusals).toEqual([reason]);
    expect(logged).toEqual([[`Refused a bearer token: ${reason}`, 'Auth']]);
  });

  it("fails without a refusal if the keys can't be fetched", async () => {
    jest.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('down'));
    const strategy = strategyOf({ key: { jwksUri: 'https://keys.example/' } });
    const header = Buffer.from('{"alg":"ES256","kid":"one"}').toString('base64url');
    const [kind, error] = await outcome(strategy, `Bearer ${header}.e30.e30`);
    // Nest's guard throws this error.
    expect(kind).toBe('fail');
    expect(error).toBeInstanceOf(ServiceUnavailableException);
    expect([refusals, logged]).toEqual([[], []]);
  });

  it('does not affect other passport-jwt strategies', async () => {
    const other = new Strategy(
      { jwtFromRequest: () => sign({ sub: 'x' }, 'theirs'), secretOrKey: 'theirs' },
      (claims: { sub: string }, done: (error: unknown, user: unknown) => void) =>
        done(null, claims.sub),
    );
    expect(await outcome(other)).toEqual(['success', 'x']);
  });
});

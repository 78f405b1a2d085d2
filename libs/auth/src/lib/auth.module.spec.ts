import { type FactoryProvider, Logger } from '@nestjs/common';
import { AuthModule } from './auth.module';
import { JwtStrategy } from './jwt.strategy';
import type { RefusalReason } from './token-refused';

const SETTINGS = { key: { secret: 'a secret for the tests of 32 bytes or more' } };

describe('AuthModule', () => {
  beforeAll(() => Logger.overrideLogger(false));

  /** Lets the registered strategy refuse a request without a token. */
  function refuse(...parameters: [((reason: RefusalReason) => void)?]): void {
    const { module, providers = [] } = AuthModule.forRoot(SETTINGS, ...parameters);
    expect(module).toBe(AuthModule);
    const [provider] = providers as FactoryProvider[];
    expect(provider?.provide).toBe(JwtStrategy);
    const strategy = Object.assign(provider?.useFactory() as JwtStrategy, { fail: () => {} });
    strategy.authenticate({ headers: {} } as never);
  }

  it('registers the strategy, and calls onRefused with the reason', () => {
    const onRefused = jest.fn();
    refuse(onRefused);
    expect(onRefused.mock.calls).toEqual([['missing']]);
  });

  it('works without onRefused', () => {
    expect(() => refuse()).not.toThrow();
  });
});

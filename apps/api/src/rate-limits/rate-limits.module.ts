import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, Reflector } from '@nestjs/core';
import { ThrottlerStorage } from '@nestjs/throttler';
import { AccountRateInterceptor } from './account-rate.interceptor';
import { OwnStorage } from './own-storage';
import { RateLimitGuard, type RateLimitRules } from './rate-limit.guard';
import { RedisOrOwnStorage } from './redis-or-own-storage';

const ACCOUNT_GUARD = Symbol('ACCOUNT_GUARD');

/** Limits how many requests a minute come from an address, before the token is looked at, and from an account, behind that. */
@Module({})
export class RateLimitsModule {
  static forRoot(rules: RateLimitRules): DynamicModule {
    const { perAddress, perAccount, redisUrl } = rules;
    return {
      module: RateLimitsModule,
      providers: [
        {
          provide: ThrottlerStorage,
          useFactory: () =>
            redisUrl === undefined ? new OwnStorage() : new RedisOrOwnStorage(redisUrl),
        },
        {
          provide: APP_GUARD,
          useFactory: (storage: ThrottlerStorage, reflector: Reflector) =>
            new RateLimitGuard('address', perAddress, rules, storage, reflector),
          inject: [ThrottlerStorage, Reflector],
        },
        {
          provide: ACCOUNT_GUARD,
          useFactory: (storage: ThrottlerStorage, reflector: Reflector) =>
            new RateLimitGuard('account', perAccount, rules, storage, reflector),
          inject: [ThrottlerStorage, Reflector],
        },
        {
          provide: APP_INTERCEPTOR,
          useFactory: (guard: RateLimitGuard) => new AccountRateInterceptor(guard),
          inject: [ACCOUNT_GUARD],
        },
      ],
    };
  }
}

import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, Reflector } from '@nestjs/core';
import { ThrottlerStorage } from '@nestjs/throttler';
import { AccountRateInterceptor } from './account-rate.interceptor';
import { MemoryStorage } from './memory-storage';
import { RateLimitGuard, type RateLimitRules } from './rate-limit.guard';
import { RedisOrMemoryStorage } from './redis-or-memory-storage';

const ACCOUNT_GUARD = Symbol('ACCOUNT_GUARD');

/** Limits the requests a minute per address, before the token is verified, and per account, after it. */
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
            redisUrl === undefined ? new MemoryStorage() : new RedisOrMemoryStorage(redisUrl),
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

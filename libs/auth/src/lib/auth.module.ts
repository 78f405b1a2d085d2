import { type DynamicModule, Module } from '@nestjs/common';
import { JwtStrategy } from './jwt.strategy';
import type { RefusalReason } from './token-refused';
import type { TokenSettings } from './token-settings';

/** Registers the passport strategy `jwt`, which guards of other modules refer to by name. */
@Module({})
export class AuthModule {
  /** @param onRefused called with the reason for each refused request. The client only gets a 401. */
  static forRoot(
    settings: TokenSettings,
    onRefused: (reason: RefusalReason) => void = () => {},
  ): DynamicModule {
    return {
      module: AuthModule,
      providers: [{ provide: JwtStrategy, useFactory: () => new JwtStrategy(settings, onRefused) }],
    };
  }
}

import { type DynamicModule, Module } from '@nestjs/common';
import { JwtStrategy } from './jwt.strategy';
import type { RefusalReason } from './token-refused';
import type { TokenSettings } from './token-settings';

/** Registers the `jwt` passport strategy, which the guards of the other modules name. */
@Module({})
export class AuthModule {
  /** @param onRefused is told why a request is refused, which its client is not. */
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

import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { JwtPayload } from 'jsonwebtoken';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { TOKEN_SETTINGS, type TokenSettings } from './token-settings';
import { verification } from './verification-key';

/** The clocks of the one who signs and of this machine may differ by so many seconds. */
const CLOCK_SKEW_SECONDS = 5;

/**
 * Verifies the bearer token of the Authorization header; `request.user` becomes the token's claims. Where the key server does
 * not answer, the strategy fails with a `ServiceUnavailableException`.
 */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor(@Inject(TOKEN_SETTINGS) settings: TokenSettings) {
    const { algorithms, keyOf } = verification(settings.key);
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKeyProvider: (
        _request: unknown,
        token: string,
        done: (error: unknown, key?: string) => void,
      ) => {
        keyOf(token).then(
          // jsonwebtoken takes key objects, which passport-jwt's types do not know of.
          (key) => done(null, key as string),
          (error: Error) => done(error),
        );
      },
      algorithms,
      jsonWebTokenOptions: { clockTolerance: CLOCK_SKEW_SECONDS },
      ...(settings.issuer !== undefined && { issuer: settings.issuer }),
      ...(settings.audience !== undefined && { audience: settings.audience }),
    });
  }

  /** The library has checked `exp`, `nbf`, `iss` and `aud`, but it accepts a token that never expires. */
  validate(claims: JwtPayload): JwtPayload | false {
    return claims.exp === undefined ? false : claims;
  }
}

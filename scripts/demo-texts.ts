interface ActTexts {
  before: string;
  after: string;
}

export interface DemoTexts {
  opening: string;
  acts: Record<"anonymous" | "login" | "ecrPublic", ActTexts>;
  unexpected(expected: number, actual: number): string;
  closing: string;
  failed: string;
}

const english: DemoTexts = {
  opening:
    "Three runs of one pipeline, on this machine, against a simulated Docker Hub where this address has no pulls left.",
  acts: {
    anonymous: {
      before: "Anonymous: strangers behind the same address have used up its pulls.",
      after:
        "→ As on AWS: `docker build` in phase BUILD met Docker Hub's limit, so the build is red through no fault of its own.",
    },
    login: {
      before: "Remedy 1: log in to Docker Hub with credentials from Secrets Manager.",
      after: "→ The pull is counted on the account and no longer on the shared address, so the build is green.",
    },
    ecrPublic: {
      before: "Remedy 2: take the same official image from ECR Public.",
      after: "→ Docker Hub was not asked at all, so its limit cannot stop this build.",
    },
  },
  unexpected: (expected, actual) => `→ Unexpected: exit status ${actual} instead of ${expected}.`,
  closing: "Try your own: npx chubo run TEMPLATE.yml --source DIR --hub simulated --hub-remaining 0",
  failed: "The demo did not go as it should. The lines above say where.",
};

const japanese: DemoTexts = {
  opening:
    "同じパイプラインをこのマシン上で3回実行します。相手は模擬Docker Hubで、このアドレスに残っているプル回数は0です。",
  acts: {
    anonymous: {
      before: "匿名プル: 同じアドレスを使う他人が、プル回数を使い切っています。",
      after:
        "→ AWSと同じく、BUILDフェーズの`docker build`がDocker Hubの制限に当たり、ビルドは自分に非がないのに失敗しました。",
    },
    login: {
      before: "対策1: Secrets Managerの認証情報でDocker Hubにログインします。",
      after: "→ プルは共有アドレスではなくアカウントで数えられるので、ビルドは成功しました。",
    },
    ecrPublic: {
      before: "対策2: 同じ公式イメージをECR Publicから取得します。",
      after: "→ Docker Hubには一度も問い合わせていないので、その制限でビルドが止まることはありません。",
    },
  },
  unexpected: (expected, actual) => `→ 想定外: 終了ステータスは${expected}のはずが${actual}でした。`,
  closing: "ご自分のテンプレートでは: npx chubo run TEMPLATE.yml --source DIR --hub simulated --hub-remaining 0",
  failed: "デモは想定どおりに終わりませんでした。原因は上の行にあります。",
};

/** Texts for a POSIX locale name such as `ja_JP.UTF-8`; English for all others. */
export function demoTexts(locale: string): DemoTexts {
  return locale.toLowerCase().startsWith("ja") ? japanese : english;
}

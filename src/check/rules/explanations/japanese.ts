import type { Explanation } from "./explanation.ts";

export const japanese: Readonly<Record<string, Explanation>> = {
  CHUBO001: {
    title: "CodeBuildでの匿名プル",
    why: "Docker Hubはログインなしのプルを、IPアドレスごとに6時間100回まで数えます。CodeBuildのビルドは、リージョンの全利用者が共有する少数のアドレスから出ていきます。そのため、他人が使い切るとビルドは失敗し、しばらくすると成功します。",
    example: "FROM httpd:2.4",
    remedy:
      "プルの前にログインする（chubo fix --remedy login）、公式イメージをECR Publicから取得する（chubo fix --remedy ecr-public）、または自分のキャッシュを経由する（chubo fix --remedy pull-through-cache、chubo gateway）。",
  },
  CHUBO002: {
    title: "Dockerが参照しないホスト名でのログイン",
    why: "Dockerはログイン情報を、入力されたホスト名で保存します。Docker Hubのプルで参照されるのは https://index.docker.io/v1/ だけで、docker loginがそこに保存するのは、ホスト名を省いたときと、ちょうどdocker.ioと書いたときだけです。index.docker.ioやregistry-1.docker.ioへのログインは成功しますが使われず、プルは匿名のままです。手で書いたconfig.jsonでは、docker.ioというキーも参照されません。",
    example: "docker login --username alice --password-stdin registry-1.docker.io",
    remedy: "ホスト名を書かない: docker login --username alice --password-stdin",
  },
  CHUBO003: {
    title: "プルの後のログイン",
    why: "プルはその時点でログインしているアカウントで行われます。ログイン前のプルは匿名となり、共有アドレスの回数に数えられます。",
    example: '- docker build .\n- echo "$PASSWORD" | docker login --username alice --password-stdin',
    remedy: "ログインを最初のプルより前（pre_buildなど）に移す。",
  },
  CHUBO004: {
    title: "ユーザー名がメールアドレス",
    why: "Docker Hubのレジストリが受け付けるのはDocker IDで、メールアドレスではありません。ログインは拒否されます。",
    example: "docker login --username alice@example.com --password-stdin",
    remedy: "Docker IDを使い、パスワードの代わりにアクセストークンを渡す。",
  },
  CHUBO005: {
    title: "コマンドラインに書かれたパスワード",
    why: "引数は同じマシンのどのプロセスからも読めます。コマンドが表示されてマスクされなければ、ログにも残ります。",
    example: "docker login --username alice --password $PASSWORD",
    remedy: '標準入力で渡す: echo "$PASSWORD" | docker login --username alice --password-stdin',
  },
  CHUBO006: {
    title: "ロールが読めないシークレット",
    why: "CodeBuildはビルドのシークレットを、プロジェクトのサービスロールで読みます。secretsmanager:GetSecretValueがなければ、ビルドは最初のコマンドの前にDOWNLOAD_SOURCEで失敗します。",
    example: "secrets-manager:\n  PASSWORD: docker-hub:password",
    remedy: "ロールのポリシーで、そのシークレットへのsecretsmanager:GetSecretValueを許可する。",
  },
  CHUBO007: {
    title: "すべてのシークレットを読めるロール",
    why: "ビルドはリポジトリに書かれたことを実行します。Resourceが'*'なら、buildspecを変更できる人はアカウントの全シークレットを読めます。",
    example: "Action: secretsmanager:GetSecretValue\nResource: '*'",
    remedy:
      "シークレットを指定する: !Ref、または arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-??????（AWSが名前に6文字を付け加えます）。",
  },
  CHUBO008: {
    title: "特権モードなしのイメージビルド",
    why: "Dockerデーモンがあるのは特権モードのビルドだけです。なければdocker buildは「Cannot connect to the Docker daemon」で失敗します。",
    example: "Environment:\n  PrivilegedMode: false",
    remedy: "プロジェクトのEnvironmentにPrivilegedMode: trueを設定する。",
  },
  CHUBO009: {
    title: "# syntax= による隠れたプル",
    why: "BuildKitはDockerfileを読む前に、この行のイメージをプルします。キャッシュが空のビルドでは毎回、FROMに現れないDocker Hubへのプルが発生します。",
    example: "# syntax=docker/dockerfile:1",
    remedy:
      "BuildKit内蔵のフロントエンドで足りるなら行を消す、ビルドの前にログインする、または自分のレジストリのコピーを指定する。",
  },
  CHUBO010: {
    title: "すぐに繰り返されるプル",
    why: "制限の期間は数時間です。拒否されたプルを繰り返しても通らず、マシンとアドレスを占有するだけです。",
    example: "until docker pull httpd:2.4; do sleep 1; done",
    remedy: "ログインするか、別の場所からイメージを取得する。他の障害のための再試行なら、toomanyrequestsで止める。",
  },
  CHUBO011: {
    title: "固定されていないタグ",
    why: "latestは明日には別のイメージかもしれません。ビルドは再現できず、キャッシュも毎回問い合わせます。",
    example: "FROM httpd",
    remedy: "バージョンを書くか、ダイジェストで固定する。",
  },
  CHUBO012: {
    title: "プルスルーキャッシュ経由のダイジェスト指定",
    why: "ECRのプルスルーキャッシュはタグでしか取り込みません。一度もタグでプルされていないダイジェストは「見つからない」と返されます。",
    example: "FROM 123456789012.dkr.ecr.us-east-1.amazonaws.com/docker-hub/library/httpd@sha256:...",
    remedy: "先にタグでプルするか、タグで指定する。",
  },
  CHUBO013: {
    title: "プルスルーキャッシュの後ろでlibrary/のない公式イメージ",
    why: "公式イメージはlibraryという名前空間にあります。dockerが自動で補うのはDocker Hubに対してだけで、キャッシュのプレフィックスの後ろには書く必要があります。タグが再確認されるのは早くても24時間後です。",
    example: "FROM 123456789012.dkr.ecr.us-east-1.amazonaws.com/docker-hub/httpd:2.4",
    remedy: "PREFIX/library/NAMEと書く。",
  },
  CHUBO014: {
    title: "CodeBuild以外で使われたキュレートイメージ",
    why: "aws/codebuild/... はDocker Hubのイメージに見えますが、違います。CodeBuildだけが、AWS自身が管理するイメージの名前として扱います。他の場所ではDockerがDocker Hubに問い合わせ、見つかりません。",
    example: "FROM aws/codebuild/standard:7.0",
    remedy: "レジストリにあるイメージを指定する。",
  },
  CHUBO015: {
    title: "SERVICE_ROLEのないRegistryCredential",
    why: "CodeBuildがRegistryCredentialを使うのは、ImagePullCredentialsTypeがSERVICE_ROLEのときだけです。",
    example: "RegistryCredential: {Credential: docker-hub, CredentialProvider: SECRETS_MANAGER}",
    remedy: "ImagePullCredentialsType: SERVICE_ROLEを加える。",
  },
  CHUBO016: {
    title: "ビルド環境イメージの匿名プル",
    why: "ビルドが動くイメージは、最初のコマンドより前にプルされます。ビルドの中のdocker loginは効きません。",
    example: "Environment:\n  Image: alpine:3.20",
    remedy:
      "RegistryCredentialとImagePullCredentialsType: SERVICE_ROLEを加える、aws/codebuildのイメージを使う、またはECRにコピーを置く。",
  },
  CHUBO017: {
    title: "その他の場所での匿名プル",
    why: "同じ制限は、ログインのないどのアドレスにもあります。他人と共有するホステッドランナー、オフィス、NATゲートウェイなどです。影響は、そこから他に誰がプルするかによります。",
    example: "container: node:22",
    remedy: "ログインする、公式イメージをECR Publicから取得する、またはゲートウェイを経由する。",
  },
  CHUBO018: {
    title: "失敗に気づかないログイン",
    why: "失敗しても止まらないログインは、その後のプルを匿名のままにします。ビルドは後で別のメッセージで、あるいは時々だけ失敗します。",
    example: "docker login --username alice --password-stdin < token || true",
    remedy: "失敗したらビルドを止める。",
  },
};

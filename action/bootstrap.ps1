# Finds a lastgood binary that can be trusted, and runs it: the Windows side of bootstrap.sh.
#
# Needs PowerShell 7 (pwsh). The functions bear the names they have in bootstrap.sh and do the same.
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
# The binary's exit code is an answer, not an error of this script.
$PSNativeCommandUseErrorActionPreference = $false

$home_folder = Split-Path -Parent $PSScriptRoot
$version = (Get-Content -LiteralPath (Join-Path $PSScriptRoot 'version') -TotalCount 1).Trim()
$releases = 'https://github.com/lastgood/lastgood/releases/download'
$next_with_a_binary = 'put a lastgood binary on this machine and name it with `binary-path`'

function Main {
    Remove-EmptyInput
    $binary = Find-Binary
    & $binary action
    exit $LASTEXITCODE
}

# An input that was not given arrives as an empty variable, which would read as an empty value.
function Remove-EmptyInput {
    Get-ChildItem Env: | Where-Object { $_.Name -like 'LASTGOOD_IN_*' -and -not $_.Value } |
        ForEach-Object { Remove-Item -LiteralPath "Env:$($_.Name)" }
}

# What fetches or builds the binary has no business with the tokens.
function Find-Binary {
    $tokens = @(Get-ChildItem Env: | Where-Object { $_.Name -in 'LASTGOOD_IN_TOKEN', 'LASTGOOD_IN_TAG_TOKEN', 'LASTGOOD_IN_TEAM_TOKEN' })
    foreach ($token in $tokens) { Remove-Item -LiteralPath "Env:$($token.Name)" }
    $binary = Select-Binary
    foreach ($token in $tokens) { Set-Item -LiteralPath "Env:$($token.Name)" -Value $token.Value }
    return $binary
}

function Select-Binary {
    if ($env:LASTGOOD_IN_BINARY_PATH) { return Get-GivenBinary $env:LASTGOOD_IN_BINARY_PATH }
    $release = "lastgood-$version-x86_64-pc-windows-msvc"
    $archive_sum = Get-CommittedSum "$release.zip"
    $binary_sum = Get-CommittedSum "$release/lastgood.exe"
    if ($archive_sum -and $binary_sum) { return Get-ReleasedBinary $release $archive_sum $binary_sum }
    $manifest = Join-Path $home_folder 'Cargo.toml'
    if ((Test-Path -LiteralPath $manifest) -and (Get-Command cargo -ErrorAction Ignore)) { return Build-Binary }
    Stop-With failed no_binary "lastgood $version has no release for Windows that this action knows" `
        "use the action at a release tag, or install Rust so that it can be built, or $next_with_a_binary"
}

function Get-GivenBinary([string] $path) {
    if (Test-Path -LiteralPath $path -PathType Leaf) { return (Resolve-Path -LiteralPath $path).ProviderPath }
    $found = Get-Command -Name ([WildcardPattern]::Escape($path)) -CommandType Application -ErrorAction Ignore |
        Select-Object -First 1
    if ($found) { return $found.Source }
    Stop-With invalid no_binary "``binary-path`` is ``$path``, which is no program that can be run here" `
        'give a path from the workspace or from the root'
}

function Get-CommittedSum([string] $wanted) {
    foreach ($line in Get-Content -LiteralPath (Join-Path $PSScriptRoot 'checksums.txt')) {
        $sum, $name = $line.Trim() -split '\s+', 2
        if ($sum -ne '#' -and $name -ceq $wanted) { return $sum }
    }
}

function Get-ReleasedBinary([string] $release, [string] $archive_sum, [string] $binary_sum) {
    if ($env:RUNNER_TOOL_CACHE) {
        $cached = Join-Path $env:RUNNER_TOOL_CACHE 'lastgood' $version 'x64' 'lastgood.exe'
        if (Test-Path -LiteralPath $cached -PathType Leaf) {
            if ((Get-Sum $cached) -ceq $binary_sum) { return $cached }
            Write-Told warning "the cached ``$cached`` is not the released binary, so it was not run" 'it is being fetched again'
        }
    }
    $work = New-WorkFolder
    try {
        $url = "$(Get-Mirror)/v$version/$release.zip"
        $archive = Join-Path $work 'archive.zip'
        Save-Download $url $archive
        Assert-Sum $archive $archive_sum $url
        Expand-Archive -LiteralPath $archive -DestinationPath $work
        $fetched = Join-Path $work $release 'lastgood.exe'
        Assert-Sum $fetched $binary_sum "lastgood.exe in $url"
        return Save-Binary $fetched
    } finally {
        Remove-Item -LiteralPath $work -Recurse -Force -ErrorAction Ignore
    }
}

function New-WorkFolder {
    $work = Join-Path (Get-TemporaryFolder) "lastgood-$([guid]::NewGuid().ToString('N'))"
    return (New-Item -ItemType Directory -Path $work).FullName
}

function Get-TemporaryFolder {
    if ($env:RUNNER_TEMP) { return $env:RUNNER_TEMP }
    return [IO.Path]::GetTempPath()
}

function Get-Mirror {
    if (-not $env:LASTGOOD_IN_DOWNLOAD_BASE_URL) { return $releases }
    $base = $env:LASTGOOD_IN_DOWNLOAD_BASE_URL
    if ($base -cmatch '^https?://.') { return $base.TrimEnd('/') }
    Stop-With invalid no_binary "``download-base-url`` is ``$base``, which is no address" 'begin it with https:// or http://'
}

# PowerShell 7 takes the proxy from HTTPS_PROXY, HTTP_PROXY and NO_PROXY by itself.
function Save-Download([string] $url, [string] $file) {
    try {
        Invoke-WebRequest -Uri $url -OutFile $file -MaximumRetryCount 3 -RetryIntervalSec 2 -TimeoutSec 300
    } catch {
        Stop-With failed no_binary "``$url`` could not be fetched: $($_.Exception.Message)" `
            "see that this machine reaches it, name a mirror with ``download-base-url``, or $next_with_a_binary"
    }
}

function Get-Sum([string] $file) {
    return (Get-FileHash -LiteralPath $file -Algorithm SHA256).Hash.ToLowerInvariant()
}

function Assert-Sum([string] $file, [string] $wanted, [string] $what) {
    $found = Get-Sum $file
    if ($found -cne $wanted) {
        Stop-With failed wrong_checksum "$what has sha256 $found, not the committed $wanted, so it was not run" `
            'empty the mirror or proxy in between; if it comes from the release itself, report it as SECURITY.md says'
    }
}

# Windows keeps a running program's file open, so a second job may find it there and use it as it is.
function Save-Binary([string] $fetched) {
    $shelf = Get-TemporaryFolder
    if ($env:RUNNER_TOOL_CACHE) { $shelf = Join-Path $env:RUNNER_TOOL_CACHE 'lastgood' $version 'x64' }
    $place = Join-Path $shelf 'lastgood.exe'
    try {
        $null = New-Item -ItemType Directory -Path $shelf -Force
        Move-Item -LiteralPath $fetched -Destination $place -Force
    } catch {
        $place = Join-Path (Get-TemporaryFolder) "lastgood-$([guid]::NewGuid().ToString('N')).exe"
        Move-Item -LiteralPath $fetched -Destination $place
    }
    return $place
}

# From the checkout's own folder, whose cargo configuration counts, not the user's.
function Build-Binary {
    $into = Join-Path $home_folder 'target'
    if ($env:CARGO_TARGET_DIR -and [IO.Path]::IsPathFullyQualified($env:CARGO_TARGET_DIR)) { $into = $env:CARGO_TARGET_DIR }
    Remove-Item -LiteralPath 'Env:CARGO_BUILD_TARGET' -ErrorAction Ignore
    $mark = [guid]::NewGuid().ToString('N')
    Push-Location -LiteralPath $home_folder
    try {
        # The runner obeys no commands in what is printed between these two lines.
        [Console]::Error.WriteLine("::stop-commands::$mark")
        & cargo build --release --locked --bin lastgood --target-dir $into | ForEach-Object { [Console]::Error.WriteLine($_) }
        $built = $LASTEXITCODE
    } finally {
        [Console]::Error.WriteLine("::${mark}::")
        Pop-Location
    }
    if ($built -ne 0) {
        Stop-With failed no_binary "lastgood could not be built from ``$home_folder``" "read cargo's words above"
    }
    return Join-Path $into 'release' 'lastgood.exe'
}

function Stop-With([string] $result, [string] $reason, [string] $message, [string] $next) {
    if ($env:GITHUB_OUTPUT) { Add-Content -LiteralPath $env:GITHUB_OUTPUT -Value "result=$result", "reason=$reason" }
    Write-Told error $message $next
    if ($result -ceq 'invalid') { exit 2 }
    exit 1
}

function Write-Told([string] $kind, [string] $message, [string] $next) {
    $message = Get-Clean $message
    $next = Get-Clean $next
    if ($env:GITHUB_ACTIONS -ceq 'true') {
        [Console]::Error.WriteLine("::$kind title=lastgood::$($message.Replace('%', '%25'))%0Anext: $($next.Replace('%', '%25'))")
    } else {
        [Console]::Error.WriteLine("${kind}: $message`n  next: $next")
    }
}

# The runner obeys `::` at the start of a line and `##[` anywhere in it, and a terminal obeys control characters.
function Get-Clean([string] $text) {
    $text = ($text -replace '\r?\n', ' ') -replace '[^\x20-\x7e]', '?'
    $text = $text.Replace('##[', '##(').Replace('::', ': :')
    return $text.Substring(0, [Math]::Min(1000, $text.Length))
}

Main

using Microsoft.Extensions.Logging;

namespace Evaluate.Measuring;

/// <summary>Keeps what a fit warned of first.</summary>
internal sealed class WarningLog : ILogger
{
    /// <summary>The first warning, or empty.</summary>
    public string First { get; private set; } = "";

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    /// <inheritdoc/>
    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        if (IsEnabled(logLevel) && First.Length == 0)
        {
            First = formatter(state, exception);
        }
    }
}

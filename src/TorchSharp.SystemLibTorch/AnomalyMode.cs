namespace TorchSharp;

/// <summary>Until it is disposed, backward passes are checked for NaN.</summary>
public class AnomalyMode : IDisposable
{
    private readonly bool enabledBefore = IsEnabled;
    private readonly bool checkedBefore = ShouldCheckNaN;

    public AnomalyMode(bool enabled, bool check_nan = true) => Native.bridge_set_anomaly(enabled, check_nan);

    public static bool IsEnabled => Native.bridge_anomaly_enabled();

    public static bool ShouldCheckNaN => Native.bridge_anomaly_checks_nan();

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) => Native.bridge_set_anomaly(enabledBefore, checkedBefore);
}

using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>
/// Puts every module inside some parts into evaluation mode and, when disposed, each back into the mode that it was in.
/// </summary>
/// <remarks>
/// For whoever trains the parts: two threads that do so at once take each other's modes for their own. A fitted model
/// rests for good instead (<see cref="Modes.Rest"/>).
/// </remarks>
internal readonly struct EvaluationMode : IDisposable
{
    private readonly List<(nn.Module Module, bool IsTraining)> before;

    private EvaluationMode(List<(nn.Module, bool)> before) => this.before = before;

    public static EvaluationMode Of(params ReadOnlySpan<IPart?> parts)
    {
        var modes = new List<(nn.Module Module, bool IsTraining)>();
        foreach (var part in parts)
        {
            foreach (var inner in part.WithInner().OfType<ITrainable>())
            {
                modes.AddRange(Modes.Now(inner.Module));
            }
        }
        Modes.Set([.. modes.Select(mode => (mode.Module, false))]);
        return new EvaluationMode(modes);
    }

    public void Dispose() => Modes.Set(before);
}

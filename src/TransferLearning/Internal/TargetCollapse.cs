using System.Globalization;
using TransferLearning.Data;
using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>Whether a fitted model reads the target's rows as far fewer classes than the sources have.</summary>
/// <remarks>
/// Classes are counted by the exponential of the shares' entropy: of the sources' labels, and of the classes predicted
/// for up to 256 target rows. Less than half of the sources' is a collapse, or a target that lacks classes: the log
/// says so, because no figure on the source would show it. No target label is read.
/// </remarks>
internal static class TargetCollapse
{
    private const long MaxRows = 256;

    public static void Look(FitRun run, AdaptationState state)
    {
        if (state.Domains.Sources.Count == 0 || !state.Domains.HasTarget || !state.Domains.Space.IsClasses)
        {
            return;
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (read, labeled) = (Predicted(state), Labeled(state.Domains));
        if (read < labeled / 2)
        {
            run.Warn(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the target's rows are read as {read:F1} classes, the sources' labels are {labeled:F1}: the "
                        + $"model has collapsed, or the target lacks classes. Lower the weight of what aligns or "
                        + $"opposes, train fewer steps, or compare with the source alone."
                )
            );
        }
    }

    private static double Predicted(AdaptationState state)
    {
        var target = state.Domains.Target;
        using var generator = new RandomKey(0).Generator();
        var drawn = randperm(target.Count, generator: generator).narrow(0, 0, Math.Min(target.Count, MaxRows));
        var rows = BatchedPass.Read(target.Rows, drawn);
        // Whoever made the parts: no dropout, no statistics, no random number of the caller's.
        using var mode = EvaluationMode.Of(state.Extractor, state.Predictor);
        var features = state.Extractor is { } extractor ? extractor.For(DomainId.Target).Extract(rows) : rows;
        var classes = state.Predictor!.Predict(features).argmax(1);
        return Number(classes.cpu().bincount(null).to(float64));
    }

    private static double Labeled(DomainSet domains)
    {
        var counts = zeros(domains.Space.Width, float64);
        foreach (var source in domains.Sources)
        {
            Canceling.Check();
            var weights = source.Weights?.to(float64).cpu();
            counts += source.Labels.cpu().bincount(weights, domains.Space.Width).to(float64);
        }
        return Number(counts);
    }

    // The classes that are there, as many as would have this entropy if they came equally often.
    private static double Number(Tensor counts)
    {
        var shares = counts / counts.sum();
        return (shares * shares.clamp_min(1e-300).log()).sum().neg().exp().item<double>();
    }
}

using System.Globalization;
using TransferLearning.Data;
using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>Whether a fitted model reads the target's rows as far fewer classes than the sources have.</summary>
/// <remarks>
/// Classes are counted by the exponential of the shares' entropy: of the sources' labels, and of the classes predicted
/// for up to 256 target rows, or of each source where there is no target. Less than half of the sources', or of all
/// that the model knows where there is no source, is a collapse, or a target that lacks classes. Without a source one
/// class alone is as well, also of two, where there are eight rows for each class. Of more classes than every second
/// row could show, as many as these rows are expected. The log says it, because no figure on the source would. No
/// target label is read.
/// </remarks>
internal static class TargetCollapse
{
    private const long MaxRows = 256;
    private const double OneClass = 1.1;
    private const double RowsOfAClass = 8;

    public static void Look(FitRun run, AdaptationState state)
    {
        if (!state.Domains.Space.IsClasses)
        {
            return;
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        if (state.Domains.Sources.Count == 0)
        {
            LookWithoutSource(run, state);
            return;
        }
        var ((read, rows), labeled) = (Predicted(state), Labeled(state.Domains));
        if (read < Expected(labeled, rows) / 2)
        {
            var (whose, reason) = state.Domains.HasTarget
                ? (
                    "target's",
                    "the model has collapsed, or the target lacks classes. Lower the weight of what aligns or opposes, "
                        + "train fewer steps, or compare with the source alone."
                )
                : (
                    "sources'",
                    "the model has collapsed. Lower the weight of what stands beside the labels' loss, or let it rise "
                        + "later."
                );
            run.Warn(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the {whose} rows are read as {read:F1} classes, the sources' labels are {labeled:F1}: {reason}"
                )
            );
        }
    }

    private static void LookWithoutSource(FitRun run, AdaptationState state)
    {
        var ((read, rows), known) = (Predicted(state), state.Domains.Space.Width);
        // A few rows may well be of one class.
        var least = rows < RowsOfAClass * known ? 0 : OneClass;
        if (read < Math.Max(least, Expected(known, rows) / 2))
        {
            run.Warn(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the target's rows are read as {read:F1} of {known} classes: the model has collapsed, or the "
                        + $"target lacks classes. Train fewer steps, or compare with the model before this fit."
                )
            );
        }
    }

    private static double Expected(double classes, double rows) => Math.Min(classes, rows / 2);

    private static (double Classes, double Rows) Predicted(AdaptationState state)
    {
        var domains = state.Domains;
        // Whoever made the parts: no dropout, no statistics, no random number of the caller's.
        using var mode = EvaluationMode.Of(state.Extractor, state.Predictor);
        Tensor Counts(IRowSource from, DomainId domain)
        {
            using var generator = new RandomKey(0).Generator();
            var drawn = randperm(from.Count, generator: generator).narrow(0, 0, Math.Min(from.Count, MaxRows));
            var rows = BatchedPass.Read(from, drawn);
            if (from is not TensorRows)
            {
                rows = rows.to(PartDevice.Of(state.Extractor) ?? PartDevice.Of(state.Predictor) ?? rows.device);
            }
            var features = state.Extractor is { } extractor ? extractor.For(domain).Extract(rows) : rows;
            var classes = state.Predictor!.Predict(features).argmax(1);
            // A rejected row is read as one class more.
            return classes.cpu().bincount(null, domains.Space.Width + 1).to(float64);
        }
        var counts = domains.HasTarget
            ? Counts(domains.Target.Rows, DomainId.Target)
            : stack([.. domains.Sources.Select((source, i) => Counts(source.Rows, DomainId.Source(i)))]).sum(dim: 0);
        return (Number(counts), counts.sum().item<double>());
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

using System.Globalization;
using TorchSharp;
using TransferLearning;
using TransferLearning.Selection;
using static TorchSharp.torch;

namespace WhichMethod;

/// <summary>The model that is kept, why, and which target rows it should not decide alone.</summary>
/// <param name="Name">The method.</param>
/// <param name="Model">The model.</param>
/// <param name="Verdict">What the guard decided, or null where the best candidate does not adapt.</param>
/// <param name="Rejected">The share of target rows whose set of classes is not a single one.</param>
/// <param name="EffectiveRows">What the calibration rows are worth, weighed to the target.</param>
/// <param name="Candidates">Knows the networks' modules.</param>
internal sealed record Choice(
    string Name,
    AdaptedModel Model,
    GuardVerdict? Verdict,
    double Rejected,
    double EffectiveRows,
    Candidates Candidates
) : IDisposable
{
    private bool IsNetwork => Candidates.Named(Name).IsNetwork;

    /// <summary>Lets the guard decide on the best candidate, and calibrates what is kept.</summary>
    public static Choice Make(
        Problem problem,
        Candidates candidates,
        SearchResult result,
        CancellationToken cancellation
    )
    {
        var best = candidates.Named(result.Best);
        var plain = candidates.PlainOf(best);
        if (plain == best)
        {
            var model = best.Chain()
                .Fit(problem.Source, problem.Target, Candidates.Options, cancellationToken: cancellation);
            return Calibrated(problem, candidates, best.Name, model, null);
        }

        var verdict = new NegativeTransferGuard { Plain = plain.Chain, Adapted = best.Chain }.Fit(
            problem.Source,
            problem.Target,
            Candidates.Options,
            cancellation
        );
        var kept = verdict.IsAdapted ? best.Name : plain.Name;
        return Calibrated(problem, candidates, kept, verdict.Model, verdict);
    }

    /// <summary>Writes the model, reads it back, and checks that it says the same.</summary>
    public void Save(string folder, Problem problem)
    {
        var path = Path.Combine(folder, "model");
        Model.Save(path);
        problem.Encoder?.Save(Path.Combine(folder, "encoder.json"));
        var (extractor, predictor) = Candidates.Modules();
        using var loaded = IsNetwork ? AdaptedModel.Load(path, extractor, predictor) : AdaptedModel.Load(path);
        using var before = Model.Predict(problem.Target.Inputs);
        using var after = loaded.Predict(problem.Target.Inputs);
        if (!before.allclose(after))
        {
            throw new InvalidDataException($"'{path}' does not predict as the model that was written.");
        }
    }

    /// <summary>How to load what <see cref="Save"/> wrote, in C#.</summary>
    public string HowToLoad(Problem problem)
    {
        var (features, hidden) = (problem.Features, Candidates.Hidden);
        var modules = IsNetwork
            ? $"\n    nn.Sequential(nn.Linear({features}, {hidden}), nn.ReLU(), nn.Linear({hidden}, {hidden}), "
                + $"nn.ReLU()),\n    nn.Linear({hidden}, {problem.Classes})\n"
            : "";
        var arguments = IsNetwork ? $"\n    \"model\",{modules}" : "\"model\"";
        var rows = problem.Encoder is null
            ? "var rows = store.Features(Backbones.PretrainedResNet18(), images);"
            : "var rows = TableEncoder.Load(\"encoder.json\").Encode(Table.ReadCsv(\"today.csv\"));";
        return $"using var model = AdaptedModel.Load({arguments});\n{rows}\nusing var classes = model.PredictClasses(rows);";
    }

    /// <inheritdoc />
    public void Dispose() => Model.Dispose();

    /// <summary>The choice in words.</summary>
    public override string ToString() =>
        (Verdict is null ? "The best candidate does not adapt." : Verdict.ToString())
        + string.Create(
            CultureInfo.InvariantCulture,
            $"\nKept: {Name}. With sets that hold the right class nine times of ten, {Rejected:0%} of the target's "
                + $"rows are not told to be of one class (the calibration rests on {EffectiveRows:F0} rows)."
        );

    private static Choice Calibrated(
        Problem problem,
        Candidates candidates,
        string name,
        AdaptedModel model,
        GuardVerdict? verdict
    )
    {
        using var predictor = new ConformalPrediction().Fit(model, problem.Calibration, problem.Target);
        using var classes = predictor.Classes(problem.Target.Inputs);
        var rejected = classes.eq(ConformalPredictor.Rejected).to(float64).mean().ToDouble();
        return new Choice(name, model, verdict, rejected, predictor.EffectiveRows, candidates);
    }
}

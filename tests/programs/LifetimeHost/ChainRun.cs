using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TransferLearning.Tests.LifetimeHost;

/// <summary>The ways in which a chain is run: to its end and used, and disturbed in its middle.</summary>
internal static class ChainRun
{
    public static IEnumerable<Run> Of(Chain chain)
    {
        yield return new Run($"{chain.Name}, used", true, set => Used(chain, set));
        yield return new Run(
            $"{chain.Name}, used in float64 without a scope",
            false,
            set =>
            {
                set.Type = ScalarType.Float64;
                return Used(chain, set);
            }
        );
        yield return new Run($"{chain.Name}, without a target", true, set => WithoutTarget(chain, set));
        foreach (var at in new[] { 1, 2, 4 })
        {
            yield return new Run($"{chain.Name}, canceled at event {at}", true, set => Disturbed(chain, set, at, true));
            yield return new Run(
                $"{chain.Name}, failing at event {at}",
                false,
                set => Disturbed(chain, set, at, false)
            );
        }
    }

    private static Func<IEnumerable<string>> Used(Chain chain, Setting set)
    {
        var (fit, target) = Fit(chain, set);
        var file = set.Owned(new TemporaryFile()).Path;
        return () =>
        {
            var faults = new List<string>();
            var scope = CurrentDisposeScope;
            var before = scope?.DisposablesCount ?? 0;
            void Holds(int made, string after)
            {
                if (scope is not null && scope.DisposablesCount != before + made)
                {
                    faults.Add(
                        $"{scope.DisposablesCount - before} tensor(s), not {made}, in the caller's scope after {after}"
                    );
                }
            }
            using var model = fit();
            Holds(0, "Fit");
            using var predicted = model.Predict(target);
            if (!set.Space.IsClasses && !Refuses(() => model.PredictClasses(target)))
            {
                faults.Add("classes of values are predicted");
            }
            using var classes = !set.Space.IsClasses
                ? set.Space.IsMultiLabel
                    ? model.PredictLabels(target, batchSize: 7)
                    : model.Predict(target, batchSize: 7)
                : model.PredictClasses(target, batchSize: 7);
            using var features = model.Features(target);
            using var ofSource = model.Features(target, DomainId.Source(0));
            Holds(4, "Predict");
            if (target.dim() == 2 && !Refuses(() => model.Predict(cat([target, target], 1))))
            {
                faults.Add("rows of twice the width are predicted");
            }
            model.Save(file);
            Holds(4, "Save");
            var modules = new IPart[] { model.Extractor, model.Predictor }
                .SelectMany(part => part.WithInner())
                .OfType<ITrainable>()
                .Select(part => (nn.Module<Tensor, Tensor>)part.Module);
            using var loaded = AdaptedModel.Load(file, [.. modules]);
            Holds(4, "Load");
            using var again = loaded.Predict(target);
            Holds(5, "Predict of the loaded model");
            using var bits = NewDisposeScope();
            if (!again.contiguous().bytes.SequenceEqual(predicted.contiguous().bytes))
            {
                faults.Add("the loaded model predicts otherwise");
            }
            faults.AddRange(AfterDisposal(model, target));
            return faults;
        };
    }

    // What looks at target rows is refused by the plan, and says so; what else goes on without them.
    private static Func<IEnumerable<string>> WithoutTarget(Chain chain, Setting set)
    {
        chain.Shape(set);
        var (builder, sources, options) = (chain.Build(set), set.Sources(), set.Options());
        return () =>
        {
            try
            {
                using var model = builder.FitWithoutTarget(sources, options);
                return [];
            }
            catch (InvalidAdaptationException refused)
            {
                return refused.Message.Contains("target", StringComparison.Ordinal)
                    ? []
                    : [$"refused for something else than the target: {refused.Message.ReplaceLineEndings(" ")}"];
            }
        };
    }

    // The model, and whatever the fit made of extractors and predictors, by name.
    private static IEnumerable<string> AfterDisposal(AdaptedModel model, Tensor target)
    {
        model.Dispose();
        var uses = new List<(object Part, Action Use)>
        {
            (model, () => model.Predict(target)),
            (model, () => model.Features(target)),
        };
        foreach (var part in model.Extractor.WithInner().Concat(model.Predictor.WithInner()))
        {
            if (part is IDisposable and not ModulePart)
            {
                uses.Add(
                    (
                        part,
                        part is IFeatureExtractor map
                            ? () => map.Extract(target)
                            : () => ((ILabelPredictor)part).Predict(target)
                    )
                );
            }
        }
        foreach (var (part, use) in uses)
        {
            using var scope = NewDisposeScope();
            var said = "";
            try
            {
                use();
                said = "nothing is thrown";
            }
            catch (ObjectDisposedException)
            {
                // What this is for.
            }
            catch (Exception fault)
            {
                said = $"{fault.GetType().Name}: {fault.Message}";
            }
            if (said.Length > 0)
            {
                yield return $"{part.GetType().Name} disposed: {said}";
            }
        }
    }

    // A fault that reaches the native product of matrices ends the process.
    private static bool Refuses(Action predict)
    {
        using var scope = NewDisposeScope();
        try
        {
            predict();
            return false;
        }
        catch (Exception fault) when (fault is ArgumentException or InvalidOperationException or ExternalException)
        {
            return true;
        }
    }

    private static Func<IEnumerable<string>> Disturbed(Chain chain, Setting set, int at, bool isCanceled)
    {
        (set.DisturbedAt, set.IsCanceled) = (at, isCanceled);
        var (fit, _) = Fit(chain, set);
        return () =>
        {
            try
            {
                fit().Dispose();
            }
            catch (Exception fault) when (fault is OperationCanceledException or DisturbanceException)
            {
                // What this run is for.
            }
            return [];
        };
    }

    private static (Func<AdaptedModel> Fit, Tensor Target) Fit(Chain chain, Setting set)
    {
        chain.Shape(set);
        var builder = chain.Build(set);
        var (sources, target, few, options) = (set.Sources(), set.Target(), set.Few(), set.Options());
        return (
            () => builder.FitFewShot(sources, target, few, options, set.Progress(), set.Cancellation),
            target.Inputs
        );
    }

    private sealed class TemporaryFile : IDisposable
    {
        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}

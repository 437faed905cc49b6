using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>Labels that travel along plans.</summary>
public sealed class TransportLabelPropagationTests(ITestOutputHelper output) : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Tensor classes = arange(14, dtype: int64).remainder(3);

    // transform_labels of ot.da.EMDTransport, and of a plan by ot.sinkhorn to 1e-13, in Python Optimal Transport 0.8.2.
    [Fact]
    public void Labels_OfClasses_AreThePeersShares()
    {
        var source = new LabeledDomain(FormulaRows.Source(), classes);

        var exact = new TransportLabelPropagation().Labels(source, FormulaRows.Target());
        var entropic = new TransportLabelPropagation(solver: new EntropicTransport(0.5)).Labels(
            source,
            FormulaRows.Target()
        );

        Near(
            exact.narrow(0, 0, 4),
            new[,]
            {
                { 0.0, 13.0 / 14, 1.0 / 14 },
                { 6.0 / 14, 0.0, 8.0 / 14 },
                { 3.0 / 14, 11.0 / 14, 0.0 },
                { 1.0, 0.0, 0.0 },
            },
            1e-9
        );
        Near(
            entropic.narrow(0, 0, 2),
            new[,]
            {
                { 0.242862755959, 0.529992655549, 0.227144588492 },
                { 0.221861444388, 0.22129182104, 0.556846734571 },
            },
            1e-7
        );
    }

    // The same plan times the values, in NumPy.
    [Fact]
    public void Labels_OfValues_AreTheirMeansByMass()
    {
        var x = FormulaRows.Source();
        var values = cat([x.narrow(1, 0, 1) + (x.narrow(1, 1, 1) * 0.5), x.narrow(1, 2, 1).square()], 1);
        var propagation = new TransportLabelPropagation(solver: new EntropicTransport(0.5));

        var labels = propagation.Labels(new LabeledDomain(x, values), FormulaRows.Target());

        Near(
            labels.narrow(0, 0, 2),
            new[,]
            {
                { 0.724747094308, 0.596532978853 },
                { 0.400618139017, 0.280979030654 },
            },
            1e-7
        );
    }

    [Fact]
    public void Fit_KeepingShares_IsAFitToTheSharesThemselves()
    {
        var source = new LabeledDomain(FormulaRows.Source(), classes);
        var target = FormulaRows.Target();
        var propagation = new TransportLabelPropagation(
            new RidgeRegression { PenaltyScale = PenaltyScale.Absolute },
            new EntropicTransport(0.5)
        )
        {
            KeepsShares = true,
        };

        using var kept = (LinearPredictor)propagation.Fit(source, target);
        using var asValues = (LinearPredictor)
            new RidgeRegression(1.0 / source.Space.Width) { PenaltyScale = PenaltyScale.Absolute }.Fit(
                new LabeledDomain(target, propagation.Labels(source, target))
            );

        // Every row stands there once for each of 3 classes; weights of mean 1 give it 3 times the weight, beside one
        // penalty.
        Assert.True(kept.Weight.allclose(asValues.Weight, 1e-9, 1e-10));
    }

    [Fact]
    public void Fit_OfRowsThatNoMassReaches_LeavesThemOut()
    {
        var source = new LabeledDomain(FormulaRows.Source(), classes);
        var target = cat([FormulaRows.Target(), full(1, 3, 1000.0, float64)]);
        var propagation = new TransportLabelPropagation(solver: new UnbalancedTransport(0.5, 0.5));

        var labels = propagation.Labels(source, target);
        using var predictor = (IDisposable)propagation.Fit(source, target);

        Assert.Equal(0, labels[11].sum().item<double>());
        Near(labels.narrow(0, 0, 11).sum(1), ones(11, dtype: float64), 1e-12);
        var read = ((ILabelPredictor)predictor).Predict(target.narrow(0, 11, 1));
        Assert.Equal(1, read.sum().item<double>(), 1e-12); // by its nearest neighbor among the others
    }

    // 1-NN on the source alone: 84.1.
    [LongFact]
    public void Labels_FromAmazonToWebcam_BeatTheSourcesOwnRule()
    {
        const string File = "googlenet1024_aw.npz";
        var (source, target) = (OfficeImages.Domain(File, "amazon"), OfficeImages.Domain(File, "webcam"));
        double Accuracy(AdaptationBuilder chain)
        {
            using var model = chain.Fit(source, target.WithoutLabels());
            return OfficeImages.Accuracy(model, target);
        }
        var alone = Accuracy(new AdaptationBuilder().Learn(new NearestNeighbor()));

        var exact = Accuracy(new AdaptationBuilder().Add(new TransportLabelPropagation()));
        var smooth = Accuracy(
            new AdaptationBuilder().Add(
                new TransportLabelPropagation(new LogisticRegression(), new EntropicTransport(0.02))
                {
                    KeepsShares = true,
                    NormalizesCost = true,
                }
            )
        );
        var sparse = Accuracy(
            new AdaptationBuilder().Add(
                new TransportLabelPropagation(solver: new ClassSparseTransport(0.05)) { NormalizesCost = true }
            )
        );

        output.WriteLine($"{alone:F1}: {exact:F1}, {smooth:F1}, {sparse:F1}");
        Assert.True(smooth > alone + 2.5, $"{smooth} after {alone}");
        Assert.True(sparse > alone + 1.5, $"{sparse} after {alone}");
    }

    public void Dispose() => scope.Dispose();

    private static void Near(Tensor found, double[,] expected, double tolerance) =>
        Near(found, tensor(expected), tolerance);

    private static void Near(Tensor found, Tensor expected, double tolerance)
    {
        var missed = (found - expected).abs().max().item<double>();
        Assert.True(missed < tolerance, $"missed by {missed}");
    }
}

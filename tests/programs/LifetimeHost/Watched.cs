using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.LifetimeHost;

/// <summary>A learner whose fits are events of the run.</summary>
internal sealed class Watched(ILabelLearner inner, Setting setting) : ILabelLearner
{
    public ILabelPredictor Fit(LabeledDomain data)
    {
        setting.Happens();
        return inner.Fit(data);
    }
}

/// <summary>A view that changes inputs a little.</summary>
internal sealed class Shifted : IAugmentation
{
    public Tensor Apply(Tensor inputs, RandomKey key) => inputs + 0.01;
}

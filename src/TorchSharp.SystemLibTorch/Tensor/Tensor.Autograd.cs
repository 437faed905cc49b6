namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public bool requires_grad
        {
            get => Native.bridge_tensor_requires_grad(Handle);
            set => Native.Check(Native.bridge_tensor_set_requires_grad(Handle, value));
        }

        public bool is_leaf => Native.bridge_tensor_is_leaf(Handle);

        /// <summary>The gradient that <see cref="backward()"/> has summed up, or null.</summary>
        public Tensor? grad
        {
            get
            {
                var found = Native.bridge_tensor_grad(Handle);
                return found == IntPtr.Zero ? null : new Tensor(found);
            }
            set
            {
                Native.Check(Native.bridge_tensor_set_grad(Handle, value?.Handle ?? IntPtr.Zero));
                GC.KeepAlive(value);
            }
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        /// <summary>Keeps the gradient of a tensor that is not a leaf.</summary>
        public void retain_grad() => Native.Check(Native.bridge_tensor_retain_grad(Handle));

        public void backward() => backward(null);

        public void backward(
            IList<Tensor>? grad_tensors = null,
            bool retain_graph = false,
            bool create_graph = false,
            IList<Tensor>? inputs = null
        ) => autograd.backward(this, grad_tensors!, retain_graph || create_graph, create_graph, inputs!);

        /// <summary>The same elements, outside the graph.</summary>
        public Tensor detach() => Aten.detach.Invoke(this);
    }
}
